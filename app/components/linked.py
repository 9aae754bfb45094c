"""A text beside the tables of what was found in it: pointing at a name marks its rows, pointing at a row marks its names.

All of that happens in the browser. Spans carry a `name`, rows say which names they are `about`.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.components import numbers, spans
from app.components.drawn import Node, draw, node, table, text
from app.components.spans import Span


@dataclass(frozen=True)
class Passage:
    """The text shown, or the part of it, with what was found there.

    `at` says which part this is: scroll positions are kept as long as it stays. `reveal` = name of a span to scroll to.
    """

    text: str
    found: Sequence[Span] = ()
    at: str = ""
    reveal: str | None = None


@dataclass(frozen=True)
class Row:
    """One row. `about` = names of spans; a row that is about none of the text shown can have a `pick`, which a click returns."""

    cells: tuple["Node | str", ...]
    about: tuple[str, ...] = ()
    pick: str | None = None
    why: str = ""


@dataclass(frozen=True)
class Listing:
    """One table. With `pairs` each row is about the ends of relations, two by two, and lights what lies between them.

    `at` says which rows these are: how far it is scrolled is kept as long as it stays.
    """

    title: str
    under: str
    heads: tuple[str, ...]
    rows: Sequence[Row]
    right: tuple[int, ...] = ()
    pairs: bool = False
    empty: str = ""
    at: str = ""


def show(passage: Passage, listings: Sequence[Listing], *, colors: Mapping[str, int], key: str) -> str | None:
    """Draw text and tables; returns the `pick` of a row in the run that its click causes. `colors` from `spans.type_colors`."""
    return draw(described(passage, listings, colors), key=key, once=True)


def described(passage: Passage, listings: Sequence[Listing], colors: Mapping[str, int]) -> Node:
    """What is drawn, as a node."""
    drawn = node("passage", *spans.pieces(passage.text, passage.found, colors), tag="p")
    body = node("linked-text roams", drawn, keeps=f"text {passage.at}", reveal=passage.reveal)
    legend = _legend(passage.found, colors)
    head = [node("linked-head legend", *legend)] if legend else []
    foot = [node("linked-foot", text("key", "↑↓"), "next  ", text("key", "⏎"), "go to it in the text or the table")] if legend else []
    left = node("linked-frame", *head, body, *foot)
    right = node("linked-tables", *(_listing(each) for each in listings))
    return node("linked", node("linked-sides", left, right))


def tag(name: str, colors: Mapping[str, int]) -> Node:
    """A type's name in its color, for a cell."""
    return text("span dotted tag", name, color=colors.get(name, 7), title=name) if name else text("faint", numbers.UNKNOWN)


def predicate(name: str) -> Node:
    """A relation's predicate, for a cell."""
    return text("predicate", name)


def _legend(found: Sequence[Span], colors: Mapping[str, int]) -> list[Node]:
    """The types in the text with their counts, in the order of their colors; each lights its spans."""
    names: dict[str, list[str]] = defaultdict(list)
    for span in found:
        if span.name:
            names[span.type].append(span.name)
    ordered = sorted(names, key=lambda name: colors.get(name, len(colors)))
    return [
        text("legend-item", "", links=names[name])
        | {"in": [tag(name or "no type", {name or "no type": colors.get(name, 7)}), text("legend-count", numbers.count(len(names[name])))]}
        for name in ordered
    ]


def _listing(listing: Listing) -> Node:
    head = node("linked-head", text("strong", listing.title), text("faint small", listing.under))
    if not listing.rows:
        return node("linked-frame", head, node("linked-rows", node("empty", listing.empty)))
    drawn = table(listing.heads, [row.cells for row in listing.rows], right=listing.right)
    for row, shown in zip(listing.rows, drawn["in"][1]["in"], strict=True):
        shown |= {"links": list(row.about), "pairs": listing.pairs}
        if row.why:
            shown["title"] = row.why
        if row.pick is not None:
            shown["pick"] = row.pick
    return node("linked-frame", head, node("linked-rows roams", drawn, keeps=f"{listing.title} {listing.at}"))
