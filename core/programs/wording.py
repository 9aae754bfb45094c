"""What the generic prompt says, before anybody trained it."""

from core.records.domains import Schema
from core.records.samples import Task

_GENERIC: dict[Task, str] = {
    "entities": (
        "List every thing of interest that the source text names: people, places, organizations, objects, substances, "
        "measures, technical terms, identifiers. Copy each name exactly as it stands in the text, without articles; "
        "list each name once."
    ),
    "relations": (
        "List every relation that the source text states between two of the given entities. Subject and object are "
        "names from the entity list, copied exactly; the predicate is a short verb phrase."
    ),
}


def instructions(task: Task, *, schema: Schema, typed: bool) -> str:
    """The untrained instructions of a task; what the schema defines is part of them."""
    lines = [_GENERIC[task]]
    if task == "entities" and typed:
        lines.append("Give each its type.")
        if schema.entity_types:
            lines.append("The types are:")
            lines += [f"- {kind.name}: {kind.definition}".removesuffix(": ") for kind in schema.entity_types]
    if task == "relations" and schema.predicates:
        lines.append("The predicates are:")
        for predicate in schema.predicates:
            pair = f" ({_or_any(predicate.subject_types)} to {_or_any(predicate.object_types)})"
            lines.append(f"- {predicate.name}{pair}: {predicate.definition}".removesuffix(": "))
    return "\n".join(lines)


def _or_any(types: tuple[str, ...]) -> str:
    return " or ".join(types) or "any"
