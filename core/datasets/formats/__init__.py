"""File formats, one file each; `formats.py` is their registry."""
