"""Whether a sample keeps to its domain's schema; without types or predicates both are free."""

from collections.abc import Iterable

from core.datasets.shapes import quoted
from core.datasets.validate import Draft
from core.errors import InvalidValueError
from core.records.domains import Predicate, Schema
from core.records.samples import Relation


def check_schema(draft: Draft, schema: Schema) -> None:
    """Every type and predicate is one of the schema's, and joins types that it may. Untyped entities always pass.

    Raises:
        InvalidValueError: names the first that is not.
    """
    if schema.entity_types and draft.plain is None:
        types = {kind.name for kind in schema.entity_types}
        for entity in draft.entities or ():
            if entity.type and entity.type not in types:
                raise InvalidValueError(f"the schema has no entity type {quoted(entity.type)}", hint=f"it has: {listed(types)}")
    if schema.predicates and draft.relations:
        predicates = {predicate.name: predicate for predicate in schema.predicates}
        kinds = {entity.id: entity.type for entity in draft.entities or ()}
        for relation in draft.relations:
            if relation.predicate not in predicates:
                raise InvalidValueError(f"the schema has no predicate {quoted(relation.predicate)}", hint=f"it has: {listed(predicates)}")
            _check_pair(relation, predicates[relation.predicate], kinds)


def _check_pair(relation: Relation, predicate: Predicate, kinds: dict[str, str | None]) -> None:
    for side, end, legal in (
        ("subject", relation.subject_id, predicate.subject_types),
        ("object", relation.object_id, predicate.object_types),
    ):
        kind = kinds.get(end)
        if legal and kind and kind not in legal:
            raise InvalidValueError(
                f"the {side} of {quoted(predicate.name)} cannot be of type {quoted(kind)}", hint=f"it can be: {listed(legal)}"
            )


def outside(schema: Schema, types: Iterable[str], predicates: Iterable[str]) -> list[str]:
    """Those of the types and predicates that the schema does not have."""
    legal_types = {kind.name for kind in schema.entity_types}
    legal_predicates = {predicate.name for predicate in schema.predicates}
    wrong = [name for name in types if name and legal_types and name not in legal_types]
    return sorted(wrong + [name for name in predicates if legal_predicates and name not in legal_predicates])


def listed(names: Iterable[str]) -> str:
    """Names for a hint."""
    return ", ".join(sorted(names)[:20])
