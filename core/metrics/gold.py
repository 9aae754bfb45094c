"""What a sample says, in the shape in which a program answers: each name once, in order of its first mention."""

from typing import Any

from core.records.samples import Annotation

Item = dict[str, Any]
"""An entity `{text, type}` or a relation `{subject, predicate, object}`."""


def unique_entities(gold: Annotation) -> list[Item]:
    """Entities `{text, type}`: mentions of one name and type count once; names differ by more than case."""
    seen: dict[tuple[str, str | None], Item] = {}
    mentions = sorted(gold.entities or (), key=lambda entity: (entity.start is None, entity.start or 0))
    for entity in mentions:
        seen.setdefault((entity.text.casefold(), entity.type), {"text": entity.text, "type": entity.type})
    return list(seen.values())


def unique_relations(gold: Annotation) -> list[Item]:
    """Relations `{subject, predicate, object}` by the names of their ends, each once."""
    names = {entity.id: entity.text for entity in gold.entities or ()}
    seen: dict[tuple[str, str, str], Item] = {}
    for relation in gold.relations or ():
        item = {"subject": names[relation.subject_id], "predicate": relation.predicate, "object": names[relation.object_id]}
        seen.setdefault((item["subject"].casefold(), item["predicate"].casefold(), item["object"].casefold()), item)
    return list(seen.values())


def is_typed(gold: Annotation) -> bool:
    """Whether every entity carries a type (and there is one)."""
    return bool(gold.entities) and all(entity.type for entity in gold.entities or ())
