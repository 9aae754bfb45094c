"""The usual line of an import, fast: plain names that stand in the text as words, relations between these names.

Gives exactly what the general way gives (`entities`, `links`), or nothing where a line needs more than that.
"""

from collections.abc import Sequence
from typing import Any

from core.datasets.align import at_boundary
from core.records.samples import Entity, Relation
from core.records.trusted import trusted

MOST = 12
"""Names of one line; with more, the pairwise look for nested names costs more than it saves."""

Quick = tuple[tuple[Entity, ...], tuple[Relation, ...] | None]


def quick(text: str, names: Sequence[Any], links: Any) -> Quick | None:
    """Entities and relations of a line in the least form; None = take the general way."""
    if len(names) > MOST:
        return None
    entities: list[Entity] = []
    first: dict[str, Entity | None] = {}
    for name in names:
        if type(name) is not str or name in first or not _all_words(text, name, entities, first):
            return None
    if len(first) > 1 and any(name in other for name in first for other in first if name is not other):
        return None
    if links is None:
        return tuple(entities), None
    relations = _relations(links, first)
    return None if relations is None else (tuple(entities), relations)


def _all_words(text: str, name: str, entities: list[Entity], first: dict[str, Entity | None]) -> bool:
    """Take in every mention of a name, if there are any and each stands alone; False = it is not that simple."""
    start, length, before = text.find(name) if name else -1, len(name), len(entities)
    if start < 0 or name.isspace():
        return False
    while start >= 0:
        end = start + length
        if not at_boundary(text, start, end):
            return False
        values = {"id": f"e{len(entities) + 1}", "text": name, "type": None, "start": start, "end": end, "source": "import"}
        values["description"] = values["score"] = None
        entities.append(trusted(Entity, values))
        start = text.find(name, end)
    first[name] = entities[before] if len(entities) == before + 1 else None
    return True


def _relations(links: Any, first: dict[str, Entity | None]) -> tuple[Relation, ...] | None:
    """Relations between names of one mention each."""
    if type(links) is not list:
        return None
    found: dict[tuple[str, str, str], Relation] = {}
    for link in links:
        if type(link) is not dict or len(link) != 3:
            return None
        subject, predicate, target = link.get("subject"), link.get("predicate"), link.get("object")
        if type(subject) is not str or type(predicate) is not str or type(target) is not str or not predicate or predicate.isspace():
            return None
        one, other = first.get(subject), first.get(target)
        if one is None or other is None:
            return None
        triple = (one.id, predicate, other.id)
        if triple not in found:
            values = {"id": f"r{len(found) + 1}", "subject_id": one.id, "predicate": predicate, "object_id": other.id, "source": "import"}
            values["description"] = None  # type: ignore[assignment]
            found[triple] = trusted(Relation, values)
    return tuple(found.values())
