"""Relations over many texts, with the set-up named (Bekoulis et al. 2018; Taillé et al. 2020: never mix them).

A relation is its subject, predicate and object by name, each once a text. All texts count, those without relations as
well: leaving them out hides what is said there for nothing.
"""

from collections import Counter
from collections.abc import Sequence

from core.metrics.document import Match, unique
from core.metrics.gold import Item, unique_relations
from core.metrics.matching import Matcher
from core.records.base import Record
from core.records.samples import Annotation

BOUNDARIES = "Boundaries: names of both arguments and the predicate; types of arguments ignored"
STRICT = "Strict: names and types of both arguments and the predicate"


class RelationText(Record):
    """What was said of one text, and gold (whose relations are annotated)."""

    gold: Annotation
    entities: tuple[Item, ...] = ()
    relations: tuple[Item, ...] = ()


class RelationScores(Record):
    """Counts summed over texts (micro), and by predicate."""

    setup: str
    overall: Match
    per_predicate: dict[str, Match]
    texts: int
    without_relations: int
    """Texts whose gold has no relation; they count."""


def boundaries(texts: Sequence[RelationText]) -> RelationScores:
    """Exact matches of the names of both arguments and the predicate."""
    return _summed(BOUNDARIES, texts, [(_named(text.relations), _named(unique_relations(text.gold))) for text in texts])


def strict(texts: Sequence[RelationText]) -> RelationScores:
    """As boundaries, and the types of both arguments; a name said with two types stands for the first of them."""
    return _summed(STRICT, texts, [(_said_with_types(text), _gold_with_types(text.gold)) for text in texts])


def relation_setup(how: Matcher) -> str:
    """The set-up of a mean `relation_f1`, in words: shown beside the number."""
    return f"{BOUNDARIES}; {how.name} matching; mean over texts"


Key = tuple[str, ...]
"""Predicate first, then what makes the relation."""


def _named(relations: Sequence[Item]) -> set[Key]:
    return {(_fold(item["predicate"]), _fold(item["subject"]), _fold(item["object"])) for item in unique(relations)}


def _said_with_types(text: RelationText) -> set[Key]:
    types: dict[str, str] = {}
    for entity in text.entities:
        types.setdefault(_fold(entity["text"]), _fold(entity.get("type") or ""))
    return {(*key, types.get(key[1], ""), types.get(key[2], "")) for key in _named(text.relations)}


def _gold_with_types(gold: Annotation) -> set[Key]:
    ends = {entity.id: (_fold(entity.text), _fold(entity.type or "")) for entity in gold.entities or ()}
    keys: set[Key] = set()
    for relation in gold.relations or ():
        (subject, subject_type), (target, target_type) = ends[relation.subject_id], ends[relation.object_id]
        keys.add((_fold(relation.predicate), subject, target, subject_type, target_type))
    return keys


def _summed(setup: str, texts: Sequence[RelationText], pairs: Sequence[tuple[set[Key], set[Key]]]) -> RelationScores:
    matched, said, truth = (
        Counter(key[0] for keys in side for key in keys)
        for side in ([a & b for a, b in pairs], [a for a, _ in pairs], [b for _, b in pairs])
    )
    return RelationScores(
        setup=setup,
        overall=Match(matched=matched.total(), predicted=said.total(), gold=truth.total()),
        per_predicate={name: Match(matched=matched[name], predicted=said[name], gold=truth[name]) for name in sorted(said | truth)},
        texts=len(texts),
        without_relations=sum(not text.gold.relations for text in texts),
    )


def _fold(text: str) -> str:
    return text.casefold().strip()
