"""Relations of one sample: ends given by id, or by name, which join the nearest pair of mentions."""

from typing import Any

from core.datasets.align import Span, nearest
from core.datasets.entities import Found
from core.datasets.shapes import as_name, as_object, as_text, quoted
from core.errors import InvalidValueError
from core.records.samples import Entity, Relation
from core.records.trusted import trusted

SHAPE = '{"subject": name, "predicate": ..., "object": name}, or with subject_id and object_id'


class Linked:
    """The entities that relations may join, by id and by name."""

    def __init__(self, found: Found) -> None:
        self._found = found
        self._folded: dict[str, list[Entity]] = {}

    def end(self, relation: dict[str, Any], side: str) -> list[Entity]:
        """Every mention that one end may mean.

        Raises:
            InvalidValueError: there is none.
        """
        if (name := relation.get(f"{side}_id")) is not None:
            key = as_name(name, f"{side}_id of a relation") or ""
            found = self._found.ids.get(key)
        else:
            key = as_text(relation.get(side), f"the {side} of a relation")
            found = self._found.names.get(key) or self._alike(key)
        if not found:
            raise InvalidValueError(
                f"the {side} of a relation, {quoted(key)}, is no entity of this sample", hint="list it among the entities, or mend the name"
            )
        return found

    def _alike(self, name: str) -> list[Entity] | None:
        """Mentions that differ by case or white space only."""
        if not self._folded:
            for entity in self._found.records:
                self._folded.setdefault(_fold(entity.text), []).append(entity)
        return self._folded.get(_fold(name))


def _fold(name: str) -> str:
    return " ".join(name.casefold().split())


def link(given: list[Any], entities: Linked) -> tuple[Relation, ...]:
    """The relations; the same two ends under the same predicate count once.

    Raises:
        InvalidValueError: an end that is no entity, a missing predicate, an id given twice.
    """
    found: dict[tuple[str, str, str], Relation] = {}
    used: set[str] = set()
    for item in given:
        relation = as_object(item, "a relation", SHAPE)
        predicate = as_text(relation.get("predicate"), "the predicate of a relation")
        if not predicate or predicate.isspace():
            raise InvalidValueError("the predicate of a relation is empty", hint=f"expected {SHAPE}")
        subject, target = _joined(entities.end(relation, "subject"), entities.end(relation, "object"))
        triple = (subject.id, predicate, target.id)
        if triple not in found:
            name = _name(relation, used, len(found))
            found[triple] = trusted(
                Relation,
                {"id": name, "subject_id": subject.id, "predicate": predicate, "object_id": target.id}
                | {"source": _text(relation, "source") or "import", "description": _text(relation, "description")},
            )
    return tuple(found.values())


def _name(relation: dict[str, Any], used: set[str], count: int) -> str:
    name = as_name(relation.get("id"), "the id of a relation")
    if name in used:
        raise InvalidValueError(f"two relations have the id {quoted(name)}", hint="give every relation an id of its own, or none")
    number = count + 1
    while name is None or name in used:
        name = f"r{number}" if f"r{number}" not in used else None
        number += 1
    used.add(name)
    return name


def _text(relation: dict[str, Any], key: str) -> str | None:
    value = relation.get(key)
    return None if value is None else as_text(value, f"{key} of a relation")


def _joined(subjects: list[Entity], objects: list[Entity]) -> tuple[Entity, Entity]:
    if len(subjects) == 1 == len(objects):
        return subjects[0], objects[0]
    first, second = _spans(subjects), _spans(objects)
    if not first or not second:
        return subjects[0], objects[0]
    index, other = nearest([span for span, _ in first], [span for span, _ in second])
    return first[index][1], second[other][1]


def _spans(entities: list[Entity]) -> list[tuple[Span, Entity]]:
    return [((each.start, each.end), each) for each in entities if each.start is not None and each.end is not None]
