"""Assistance: programmes, households, rounds, receipts; nobody is served twice."""
