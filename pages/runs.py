"""Runs."""

from app.components import heading

heading.show("Runs", "This page is not built yet.")
