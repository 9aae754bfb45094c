"""Scores and what they prove: pure functions, no I/O."""
