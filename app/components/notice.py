"""A sentence that needs attention, with what to do about it; always as text."""

from typing import Literal

from app.components.drawn import draw, node


def show(message: str, hint: str = "", *, level: Literal["info", "done", "error"] = "info") -> None:
    """Show a message and, under it, the hint. Line breaks in them are kept."""
    lines = [node("message-line", message[:1].upper() + message[1:])] + ([node("hint", hint[:1].upper() + hint[1:])] if hint else [])
    draw(node(f"notice {level}", *lines, role="alert" if level == "error" else "status"))
