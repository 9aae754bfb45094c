"""Datasets: reading and writing formats, aligning names, splits, near-duplicates, immutable versions."""
