"""Texts as vectors: embedders, the cache of their vectors, and likeness of names."""
