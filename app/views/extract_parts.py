"""A reading made ready to be drawn: the text in parts, every mention under a name of its own, names and relations each once."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from core.records.documents import Extraction

PART = 6000
"""Code points of a text that are shown at once, about."""

_BORDERS = ("\n\n", "\n", ". ", " ")


@dataclass(frozen=True)
class Part:
    """A stretch of a long text; code points, end exclusive."""

    start: int
    end: int


@dataclass(frozen=True)
class Mention:
    """One stretch that was found."""

    start: int
    end: int
    type: str
    why: str


@dataclass(frozen=True)
class Name:
    """An entity as the table shows it: one text of one type, and where it is mentioned (places in `Contents.mentions`)."""

    text: str
    type: str
    mentions: tuple[int, ...]
    why: str


@dataclass(frozen=True)
class Link:
    """A relation as the table shows it, and the ends of each time it is said (places in `Contents.mentions`)."""

    subject: str
    predicate: str
    object: str
    ends: tuple[tuple[int, int], ...]
    why: str


@dataclass(frozen=True)
class Contents:
    """What one extraction found, in the order of the text."""

    mentions: tuple[Mention, ...] = ()
    names: tuple[Name, ...] = ()
    links: tuple[Link, ...] = ()
    types: tuple[str, ...] = field(default=())

    def within(self, part: Part) -> dict[int, Mention]:
        """The mentions that a part shows, by their place."""
        return {place: each for place, each in enumerate(self.mentions) if each.start < part.end and part.start < each.end}


def parts(text: str) -> tuple[Part, ...]:
    """The text in parts of about `PART` code points that end with a paragraph, else a line, a sentence, a word. At least one."""
    found: list[Part] = []
    start = 0
    while len(text) - start > PART * 5 // 4:
        end = _border(text, start)
        found.append(Part(start, end))
        start = end
    return (*found, Part(start, len(text)))


def part_of(cut: Sequence[Part], place: int) -> int:
    """Which part a code point is in."""
    return next((number for number, part in enumerate(cut) if place < part.end), len(cut) - 1)


def contents(made: Extraction) -> Contents:
    """Everything that an extraction found; ends of relations that are no entities are mentions without a type."""
    described = {(each.start, each.end, each.type or ""): each.description or "" for each in made.entities}
    typed = {(start, end) for start, end, _ in described}
    ends = {end for each in made.relations for end in ((each.subject_start, each.subject_end), (each.object_start, each.object_end))}
    spans = sorted({**described, **{(start, end, ""): "" for start, end in ends - typed}}.items())
    mentions = tuple(Mention(start, end, kind, why) for (start, end, kind), why in spans)
    place = {(each.start, each.end): number for number, each in reversed(list(enumerate(mentions)))}
    return Contents(
        mentions=mentions, names=_names(made, {(each.start, each.end, each.type): n for n, each in enumerate(mentions)}),
        links=_links(made, place), types=tuple(sorted({each.type for each in mentions if each.type})),
    )  # fmt: skip


def _names(made: Extraction, place: dict[tuple[int, int, str], int]) -> tuple[Name, ...]:
    same: dict[tuple[str, str], list[int]] = defaultdict(list)
    why: dict[tuple[str, str], str] = {}
    for each in sorted(made.entities, key=lambda each: (each.start, each.end)):
        key = (each.text, each.type or "")
        same[key].append(place[each.start, each.end, key[1]])
        why[key] = why.get(key) or each.description or ""
    return tuple(Name(text, kind, tuple(found), why[text, kind]) for (text, kind), found in same.items())


def _links(made: Extraction, place: dict[tuple[int, int], int]) -> tuple[Link, ...]:
    same: dict[tuple[str, str, str], list[tuple[int, int]]] = defaultdict(list)
    why: dict[tuple[str, str, str], str] = {}
    for each in sorted(made.relations, key=lambda each: each.evidence):
        key = (each.subject, each.predicate, each.object)
        same[key].append((place[each.subject_start, each.subject_end], place[each.object_start, each.object_end]))
        why[key] = why.get(key) or each.description or ""
    return tuple(Link(*key, ends=tuple(found), why=why[key]) for key, found in same.items())


def _border(text: str, start: int) -> int:
    """Where a part that begins here ends: in its second half, if anything there can be an end."""
    low, high = start + PART // 2, start + PART
    found = ((text.rfind(sign, low, high), sign) for sign in _BORDERS)
    return next((at + len(sign) for at, sign in found if at >= 0), high)
