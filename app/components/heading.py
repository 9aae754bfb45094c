"""What is on the page, in the user's words, and what it rests on."""

from collections.abc import Sequence

from app.components.drawn import Node, draw, node


def show(title: str, line_under: str = "", *, chips: Sequence[Node] = ()) -> None:
    """A page's heading; `chips` (from `chips.run`, `chips.domain`, ...) stand before the words of the line under it."""
    under = [node("under", line_under)] if not chips else [node("under flow", *chips, line_under)]
    draw(node("column", node("page-title", title, tag="h1"), *(under if chips or line_under else [])))


def section(title: str, line_under: str = "", *, key: str | None = None) -> None:
    """A block's heading. Give a key where its words are live."""
    draw(node("column", node("block-title", title, tag="h2"), *([node("faint small", line_under)] if line_under else [])), key=key)


def sentence(words: str, *more: "Node | str") -> None:
    """A verdict or an explanation in running text; `chips.strong` sets a word off."""
    draw(node("sentence", words, *more))


def note(words: str, *, key: str | None = None) -> None:
    """A faint line: what stands behind the block above it. Give a key where it is live."""
    draw(node("faint small", words), key=key)
