"""Names as rules, without a database: romanising, folding to one key, splitting."""
