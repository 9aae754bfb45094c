"""Overview."""

from app.components import heading

heading.show("Overview", "This page is not built yet.")
