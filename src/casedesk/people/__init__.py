"""Persons, names and contacts: shared by every feature."""
