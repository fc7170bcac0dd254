"""Tracing: the search for a person, from the first call to the closing."""
