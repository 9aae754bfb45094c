"""Kinds of files, one file each; `formats.py` is their registry."""
