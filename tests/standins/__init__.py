"""Servers that stand in for real ones in tests and trials: same protocol, no weights, and every failure on demand."""
