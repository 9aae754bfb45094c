"""The document's text beside what was found in it; a long text in parts, with a way from every name to where it stands."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TypeVar

import streamlit as st

from app import state
from app.components import heading, linked, numbers, pager, spans
from app.components.linked import Listing, Passage, Row
from app.components.spans import Span
from app.resources import workbench
from app.views.extract_kept import Text, contents_of
from app.views.extract_parts import Contents, Link, Mention, Name, Part, part_of
from core.errors import UnknownNameError
from core.records.documents import Extraction
from core.workflows.general import get_domain

T = TypeVar("T")

SIZE = 100
"""Rows of a table that lists the whole of a long document."""
SCOPES = ("In this part", "In the whole document")


@dataclass(frozen=True)
class Shown:
    """The part of the text that is shown, what stands in it, and what the tables list."""

    part: Part
    here: dict[int, Mention]
    names: Sequence[Name]
    links: Sequence[Link]
    whole: bool


def show(text: Text, made: Extraction) -> None:
    """Draw the text with its spans and the tables beside it."""
    found = contents_of(made)
    _jump(text)
    shown = _chosen(text, found) if len(text.parts) > 1 else _all(text, found)
    colors = spans.type_colors(type_order(made, found))
    passage = _passage(text, made, shown)
    names = _page(shown.names, key="extract.names", whole=shown.whole)
    links = _page(shown.links, key="extract.links", whole=shown.whole)
    listings = [_entities(names, shown, found, colors), _relations(links, shown, found)]
    picked = linked.show(passage, listings, colors=colors, key="extract.linked")
    if shown.whole and max(len(shown.names), len(shown.links)) > SIZE:
        left, right = st.columns(2, gap="medium")
        with left:
            pager.show(len(shown.names), key="extract.names", size=SIZE, noun="entities")
        with right:
            pager.show(len(shown.links), key="extract.links", size=SIZE, noun="relations")
    if picked is not None and picked.isdecimal() and int(picked) < len(found.mentions):
        state.remember("extract.jump", (text.document.id, found.mentions[int(picked)].start))
        state.remember("extract.reveal", f"m{picked}")
        st.rerun()


def show_plain(text: Text) -> None:
    """Draw the beginning of a text of which nothing is known yet."""
    first = text.parts[0]
    linked.show(Passage(text.text[first.start : first.end]), [], colors={}, key="extract.plain")
    if len(text.parts) > 1:
        heading.note(f"The first {numbers.count(first.end)} of {numbers.plural(len(text.text), 'character')}.")


def spans_of(made: Extraction, part: Part) -> list[Span]:
    """What was found in a part of the text, as suggestions."""
    here = contents_of(made).within(part)
    return [_span(place, each, part) for place, each in here.items()]


def type_order(made: Extraction, found: Contents) -> list[str]:
    """Types in the order of their colors: the schema's, then those that were found besides."""
    try:
        known = [each.name for each in get_domain(workbench(), made.domain).schema_.entity_types]
    except UnknownNameError:  # deleted since
        known = []
    return list(dict.fromkeys([*known, *found.types]))


def part_key(text: Text) -> str:
    """The widget that chooses the part."""
    return f"extract.part.{text.document.id[:16]}"


def part_now(text: Text) -> Part:
    """The part that is shown."""
    return text.parts[min(max(state.widget(part_key(text), 1), 1), len(text.parts)) - 1]


def _jump(text: Text) -> None:
    """Turn to the part that a click asked for, before the pages are drawn."""
    to: tuple[str, int] | None = state.remembered("extract.jump", None)
    if to and to[0] == text.document.id and len(text.parts) > 1:
        state.set_widget(part_key(text), part_of(text.parts, to[1]) + 1)
    state.forget("extract.jump")


def _all(text: Text, found: Contents) -> Shown:
    """A text that is shown at once."""
    return Shown(text.parts[0], dict(enumerate(found.mentions)), found.names, found.links, whole=False)


def _chosen(text: Text, found: Contents) -> Shown:
    """The choosers above a long text: which part, and what the tables list."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        number = st.pagination(len(text.parts), key=part_key(text), width=pager.WIDTH)
        part = text.parts[min(max(number, 1), len(text.parts)) - 1]
        ends = f"characters {numbers.count(part.start + 1)} to {numbers.count(part.end)} of {numbers.count(len(text.text))}"
        heading.note(f"Part {numbers.count(number)} of {numbers.count(len(text.parts))}: {ends}", key="extract.part.words")
        scope = st.segmented_control(
            "What is listed", SCOPES, default=SCOPES[0], required=True, key="extract.scope", label_visibility="collapsed"
        )
        words = st.text_input("Find", key="extract.find", placeholder="Find a name", label_visibility="collapsed", width=180)
    here = found.within(part)
    whole = scope == SCOPES[1] or bool(words)
    sought = (words or "").casefold()
    names = [each for each in found.names if (whole or _is_here(each.mentions, here)) and sought in each.text.casefold()]
    links = [
        each
        for each in found.links
        if (whole or any(_is_here(pair, here) for pair in each.ends)) and sought in f"{each.subject}\n{each.object}".casefold()
    ]
    return Shown(part, here, names, links, whole)


def _page(rows: Sequence[T], *, key: str, whole: bool) -> Sequence[T]:
    if not whole:
        return rows
    at = pager.window(len(rows), key=key, size=SIZE)
    return rows[at.offset : at.offset + at.limit]


def _passage(text: Text, made: Extraction, shown: Shown) -> Passage:
    part = shown.part
    marked = [_span(place, each, part) for place, each in shown.here.items()]
    unread = [
        Span(max(each.start, part.start) - part.start, min(each.end, part.end) - part.start, line="unread", why=f"not read: {each.error}")
        for each in made.failed
        if not each.entities and each.start < part.end and part.start < each.end
    ]
    reveal: str | None = state.remembered("extract.reveal", None)
    return Passage(
        text.text[part.start : part.end], [*marked, *unread], at=f"{made.id} {made.at} {part.start}",
        reveal=reveal if reveal and int(reveal[1:]) in shown.here else None,
    )  # fmt: skip


def _span(place: int, each: Mention, part: Part) -> Span:
    start, end = max(each.start, part.start) - part.start, min(each.end, part.end) - part.start
    return Span(start, end, each.type, "dotted", each.why, name=f"m{place}")


def _entities(names: Sequence[Name], shown: Shown, found: Contents, colors: dict[str, int]) -> Listing:
    rows = [
        Row(
            (each.text, linked.tag(each.type, colors), numbers.count(len(each.mentions))),
            about=tuple(f"m{place}" for place in each.mentions if place in shown.here),
            pick=None if _is_here(each.mentions, shown.here) else str(each.mentions[0]), why=each.why,
        )
        for each in names
    ]  # fmt: skip
    said = sum(len(each.mentions) for each in found.names)
    under = f"{_some(shown.names, found.names)} different, {numbers.plural(said, 'mention')}"
    return Listing("Entities", under, ("text", "type", "mentions"), rows, right=(2,), empty="No entities here.", at=_at(names, shown))


def _relations(links: Sequence[Link], shown: Shown, found: Contents) -> Listing:
    rows = []
    for each in links:
        about = tuple(f"m{place}" for pair in each.ends for place in _both(pair, shown.here))
        pick = None if about else str(min(each.ends[0]))
        rows.append(Row((each.subject, linked.predicate(each.predicate), each.object), about=about, pick=pick, why=each.why))
    said = sum(len(each.ends) for each in found.links)
    under = f"{_some(shown.links, found.links)} different, said {numbers.plural(said, 'time')}"
    heads = ("subject", "predicate", "object")
    return Listing("Relations", under, heads, rows, pairs=True, empty="No relations here.", at=_at(links, shown))


def _some(shown: Sequence[object], every: Sequence[object]) -> str:
    """11 of 1,185, or 1,185 where all are listed."""
    some, all_of = numbers.count(len(shown)), numbers.count(len(every))
    return all_of if some == all_of else f"{some} of {all_of}"


def _at(rows: Sequence[Name] | Sequence[Link], shown: Shown) -> str:
    """Which rows are listed: those of a part, or a page of all, which stays where one turns to another part."""
    return f"all {rows[0]}" if shown.whole and rows else f"{shown.part.start}"


def _both(pair: tuple[int, int], here: Collection[int]) -> tuple[int, ...]:
    """The ends of a relation that are shown, always two: one alone stands for both."""
    shown = [place for place in pair if place in here]
    return (shown[0], shown[-1]) if shown else ()


def _is_here(places: Sequence[int], here: Collection[int]) -> bool:
    return any(place in here for place in places)
