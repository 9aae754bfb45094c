"""Domains."""

from app.components import heading

heading.show("Domains", "This page is not built yet.")
