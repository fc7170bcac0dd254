"""The invented delegation: seeded records that show the program at any scale."""
