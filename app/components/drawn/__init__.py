"""The one component that puts words on a page outside Streamlit's own widgets.

Python describes what to draw as a small tree of nodes; `drawn.js` builds it with `textContent` only, so nothing in a
text, a name or an answer is ever read as markup. Tags and attributes are those listed in `drawn.js`; classes are those
of `drawn.css`. A node with `pick` can be clicked, and its value comes back.
"""

from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.errors import StreamlitDuplicateElementId

Node = dict[str, Any]

_FOLDER = Path(__file__).parent
_component = st.components.v2.component(
    "domainsmith_drawn",
    js="\n".join((_FOLDER / name).read_text(encoding="utf-8") for name in ("linked.js", "drawn.js")),
    css="\n".join((_FOLDER / name).read_text(encoding="utf-8") for name in ("drawn.css", "linked.css")),
)


def node(kind: str, *children: "Node | str", tag: str = "div", **attributes: Any) -> Node:
    """A node of class `kind` with texts and nodes inside.

    Attributes: `title` (shown on hover), `label` (for screen readers), `color` (index into the list of series colors),
    `share` (0 to 1: width of a bar), `pick` (value that a click returns), `role`, `pressed`, `columns`, `span`.

    What belongs together lights up together (`linked.js`): `name` (what a stretch of text is called), `links` (the names
    that a row is about), `pairs` (its links are ends of relations, two by two), `keeps` (a box that scrolls, known by
    these words through a refresh), `reveal` (the name that such a box scrolls to).
    """
    return {"tag": tag, "kind": kind, "in": list(children), **{name: value for name, value in attributes.items() if value is not None}}


def text(kind: str, content: str, **attributes: Any) -> Node:
    """An inline piece of text."""
    return node(kind, content, tag="span", **attributes)


def _nothing() -> None:
    """The result has the attribute only where a callback is named."""


def draw(
    *nodes: Node, key: str | None = None, height: int | None = None, on_pick: Callable[[], None] | None = None, once: bool = False
) -> str | None:
    """Draw the nodes; returns the `pick` of the node clicked last, which stays until another is clicked.

    With `once` it is returned in the one run that the click causes, so that the same node can be clicked again; `on_pick` is for
    the other kind. `height` in pixels makes the block scroll inside; the scroll position survives a refresh. With a `key` a block
    keeps its place in the browser when its words change; without one it is built anew, which is seen as a flicker where it is live.
    """
    data = {"nodes": list(nodes), "height": height, **({"once": True} if once else {})}
    for again in count():  # the same words may stand on a page twice: without a key Streamlit tells elements by what they hold
        try:
            answer = _component(
                key=key,
                data={**data, "again": again} if again else data,
                default={"picked": None},
                height=height if height is not None else "content",
                on_picked_change=on_pick or _nothing,
                on_told_change=_nothing,
            )
        except StreamlitDuplicateElementId:
            continue
        break
    picked: str | None = answer.told if once else answer.picked
    return picked


def table(heads: Sequence[str], rows: Sequence[Sequence["Node | str"]], *, right: Sequence[int] = ()) -> Node:
    """A small table; `right` = indexes of right-aligned columns."""

    def cells(values: Sequence["Node | str"], tag: str) -> list[Node]:
        return [
            node(
                "cell number" if index in right else "cell",
                value,
                tag=tag,
                title=value if isinstance(value, str) and len(value) > 40 else None,
            )
            for index, value in enumerate(values)
        ]

    head = node("head", node("row", *cells(heads, "th"), tag="tr"), tag="thead")
    return node("table", head, node("body", *(node("row", *cells(row, "td"), tag="tr") for row in rows), tag="tbody"), tag="table")
