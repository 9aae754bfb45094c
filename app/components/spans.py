"""Text with what was found in it: solid = as in gold, dashed = differs from gold, dotted = suggestion, unread = not looked at."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from app.components.drawn import Node, draw, node, text
from core.records.samples import Entity

Line = Literal["solid", "dashed", "dotted", "unread"]

AGAINST_GOLD = "solid: as in gold · dashed: boundary or type differs"


@dataclass(frozen=True)
class Span:
    """A stretch of the text, in code points, end exclusive. `why` shows on hover; `name` is what rows of `linked` call it."""

    start: int
    end: int
    type: str = ""
    line: Line = "solid"
    why: str = ""
    name: str = ""


def show(
    passage: str,
    spans: Sequence[Span],
    *,
    colors: Mapping[str, int],
    key: str | None = None,
    height: int | None = None,
    chosen: int | None = None,
) -> int | None:
    """Draw the text with its spans; with a key, the index in `spans` of the one clicked last comes back.

    `colors` from `type_colors`; `chosen` sets one span off; a `height` in pixels makes long texts scroll.
    """
    drawn = pieces(passage, spans, colors, picks=key is not None, chosen=chosen)
    picked = draw(node("framed", node("passage", *drawn, tag="p")), key=key, height=height)
    return int(picked) if picked is not None and picked.isdecimal() and int(picked) < len(spans) else None


def compare(
    passage: str, sides: Mapping[str, Sequence[Span]], *, colors: Mapping[str, int], height: int | None = None, legend: str = AGAINST_GOLD
) -> None:
    """Draw the same text once per side ("gold", "A", "B"), under each other; a side may be empty.

    Pass what a model found through `against` first, so that differences are dashed. `legend` says what the lines mean.
    """
    rows: list[Node] = []
    for name, spans in sides.items():
        rows += [node("row-name", name), node("passage tight", *pieces(passage, spans, colors, labels=False), tag="p")]
    draw(node("framed", *rows, node("row-name", legend)), height=height)


def differing(span: Span, why: str) -> Span:
    """The same, dashed, with the reason."""
    return replace(span, line="dashed", why=why, name="")


def against(gold: Sequence[Span], found: Sequence[Span]) -> list[Span]:
    """The found spans, solid where gold has the same stretch and type, else dashed with the reason."""
    exact = {(span.start, span.end, span.type) for span in gold}
    return [
        replace(span, line="solid", why="as in gold") if (span.start, span.end, span.type) in exact else _off(gold, span) for span in found
    ]


def of(entities: Sequence[Entity | Mapping[str, Any]], line: Line = "solid") -> list[Span]:
    """Spans of entity records, or of mappings with type, start and end; those not found in the text are left out."""
    rows = [entity.model_dump() if isinstance(entity, Entity) else entity for entity in entities]
    return [Span(row["start"], row["end"], row.get("type") or "", line) for row in rows if row.get("start") is not None]


def type_colors(types: Sequence[str]) -> dict[str, int]:
    """Each type's place in the list of colors: the schema's order, the same on every page."""
    return {name: index for index, name in enumerate(dict.fromkeys(types))}


def type_names(types: Sequence[str], definitions: Mapping[str, str] | None = None, *, shown: Collection[str] | None = None) -> None:
    """Draw the types in their colors, as a legend; definitions on hover. `shown` = only these of them."""
    colors, said = type_colors(types), definitions or {}
    colors = {name: color for name, color in colors.items() if shown is None or name in shown}
    draw(node("flow", *(text("span", name or "untyped", color=colors[name], title=said.get(name) or None) for name in colors)))


def pieces(
    passage: str, spans: Sequence[Span], colors: Mapping[str, int], *, picks: bool = False, labels: bool = True, chosen: int | None = None
) -> list[Node | str]:
    """The text as nodes: nested elements for nested spans; of two that cross, the later is cut in two at the earlier one's end."""

    def drawn(span: Span, index: int, inside: list[Node | str], *, last: bool) -> Node:
        label = [node("type", span.type[:40], tag="sup")] if labels and last and span.type else []
        kind = f"span {span.line}" + (" chosen" if index == chosen else "")
        title = " · ".join(part for part in (span.type, span.why) if part) or None
        pick = str(index) if picks else None
        attributes = {"pick": pick, "pressed": picks and index == chosen, "name": span.name or None}
        return text(kind, "", color=colors.get(span.type, 7), title=title, **attributes) | {"in": [*inside, *label]}

    def fill(start: int, end: int, waiting: list[tuple[Span, int, bool]]) -> list[Node | str]:
        out: list[Node | str] = []
        at = start
        while waiting:
            span, index, last = waiting.pop(0)
            if at < span.start:
                out.append(passage[at : span.start])
            inner = [(min_span, i, at_end) for min_span, i, at_end in waiting if min_span.start < span.end]
            waiting = [entry for entry in waiting if entry[0].start >= span.end]
            within = [(_clip(other, span.start, span.end), i, at_end and other.end <= span.end) for other, i, at_end in inner]
            waiting = sorted([*((_clip(o, span.end, o.end), i, e) for o, i, e in inner if o.end > span.end), *waiting], key=_place)
            out.append(drawn(span, index, fill(span.start, span.end, within), last=last))
            at = span.end
        if at < end:
            out.append(passage[at:end])
        return out

    known = [
        (_clip(span, 0, len(passage)), index, True) for index, span in enumerate(spans) if 0 <= span.start < min(span.end, len(passage))
    ]
    return fill(0, len(passage), sorted(known, key=_place))


def _off(gold: Sequence[Span], span: Span) -> Span:
    same = [other for other in gold if (other.start, other.end) == (span.start, span.end)]
    crossing = [other for other in gold if other.start < span.end and span.start < other.end]
    why = f"gold has the type {same[0].type or 'none'}" if same else "gold has another boundary" if crossing else "not in gold"
    return replace(span, line="dashed", why=why)


def _clip(span: Span, start: int, end: int) -> Span:
    return replace(span, start=max(span.start, start), end=min(span.end, end))


def _place(entry: tuple[Span, int, bool]) -> tuple[int, int, int]:
    return entry[0].start, -entry[0].end, entry[1]
