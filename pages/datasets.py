"""Datasets."""

from app.components import heading

heading.show("Datasets", "This page is not built yet.")
