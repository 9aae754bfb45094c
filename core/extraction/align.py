"""What a model said of a chunk, proven against it: every mention of a name, relations between mentions, and what is not there.

Offsets are code points of the document, end exclusive. Nothing that a model wrote is kept but types, predicates and
descriptions: names are copied from the text.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from core.datasets.align import nearest
from core.records.documents import FoundEntity, FoundRelation
from core.records.mentions import Span, mentions, nested

LONGEST = {"name": 2000, "type": 100, "predicate": 200, "description": 1000, "said": 300}
"""Characters that are looked at of what a model wrote: a longer name is none, of all else the rest is left out."""
_UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""Control characters, halves of characters, and those that are none: XML holds none of them."""

Item = Mapping[str, Any]


class Names(NamedTuple):
    """The entities of a chunk: their mentions, the answer's items that stand in the text, and what does not."""

    found: tuple[FoundEntity, ...] = ()
    items: tuple[Item, ...] = ()
    ungrounded: tuple[str, ...] = ()


class Links(NamedTuple):
    """The relations of a chunk, and what of them does not stand in the text."""

    found: tuple[FoundRelation, ...] = ()
    ungrounded: tuple[str, ...] = ()


NO_NAMES, NO_LINKS = Names(), Links()


def align_entities(text: str, items: Sequence[Item], *, start: int) -> Names:
    """Every mention of every name in a chunk's text, which begins at `start` of its document; the first type said of it holds.

    A mention inside a longer name's mention ("York" in "New York") is none, unless that name stands nowhere else.
    """
    said: dict[str, Item] = {}
    for item in items:
        said.setdefault(item["text"], item)
    places = {name: _places(text, name) for name in said}
    inner = nested([span for spans in places.values() for span in spans])
    found: dict[Span, FoundEntity] = {}
    for name, item in said.items():
        kind, told = written(item["type"], "type"), written(item.get("description"), "description")
        for begin, end in [span for span in places[name] if span not in inner] or places[name]:
            if (begin, end) not in found:
                found[begin, end] = FoundEntity(text=text[begin:end], type=kind, start=start + begin, end=start + end, description=told)
    absent = dict.fromkeys(written(name, "said") or "" for name in said if not places[name])
    return Names(tuple(found.values()), tuple(item for name, item in said.items() if places[name]), tuple(absent))


def align_relations(text: str, items: Sequence[Item], entities: Sequence[FoundEntity], *, start: int) -> Links:
    """Each relation between the nearest mentions of its ends: those of entities, else any place where the name stands.

    A relation needs a predicate and two places: one whose ends are the very same mention is not stated by the text.
    """
    known: dict[str, list[Span]] = {}
    for entity in entities:
        known.setdefault(folded(entity.text), []).append((entity.start - start, entity.end - start))

    @cache
    def joined(subject: str, target: str) -> tuple[Span, Span] | None:
        subjects, objects = (known.get(folded(end)) or _places(text, end) for end in (subject, target))
        if not subjects or not objects:
            return None
        one, other = nearest(subjects, objects)
        return (subjects[one], objects[other]) if subjects[one] != objects[other] else None

    found: dict[tuple[tuple[Span, Span], str], FoundRelation] = {}
    absent: dict[str, None] = {}
    for item in items:
        predicate, ends = written(item["predicate"], "predicate"), joined(item["subject"], item["object"])
        if predicate is None or ends is None:
            absent.setdefault(written(f"{item['subject']} | {item['predicate']} | {item['object']}", "said") or "")
        elif (ends, predicate.casefold()) not in found:
            found[ends, predicate.casefold()] = _relation(text, ends, predicate, written(item.get("description"), "description"), start)
    return Links(tuple(found.values()), tuple(absent))


def _relation(text: str, ends: tuple[Span, Span], predicate: str, told: str | None, start: int) -> FoundRelation:
    (subject, subject_end), (target, target_end) = ends
    return FoundRelation(
        subject=text[subject:subject_end], predicate=predicate, object=text[target:target_end],
        subject_start=start + subject, subject_end=start + subject_end, object_start=start + target, object_end=start + target_end,
        description=told,
    )  # fmt: skip


def _places(text: str, name: str) -> list[Span]:
    return mentions(text, name) if len(name) <= LONGEST["name"] else []


def folded(name: str) -> str:
    """A name as it is compared with others: without case, blanks as one."""
    return " ".join(name.casefold().split())


def written(value: str | None, field: str) -> str | None:
    """What a model wrote, as every store and file format can keep it: one line, never long; None = nothing."""
    return " ".join(_UNFIT.sub(" ", value or "").split())[: LONGEST[field]].rstrip() or None
