"""Partners: the organisations that are asked, told and worked with."""
