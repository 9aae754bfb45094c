"""Prompts."""

from app.components import heading

heading.show("Prompts", "This page is not built yet.")
