"""Train."""

from app.components import heading

heading.show("Train", "This page is not built yet.")
