"""Reports: what leaves the house on paper, from the wording of one number to a whole sheet."""
