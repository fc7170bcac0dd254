"""Measurements as ratios to a bare peer in the same run; `./run bench` writes RESULTS.md."""
