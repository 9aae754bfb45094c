"""From which cosine on two names are the same, measured: `python -m benchmarks.semantic_thresholds [EMBEDDER]`.

Same: a gold name and a variant of it made by rule (plural, hyphens, ending, article, possessive, initials). Different: two gold names of
one document and one type, neither within the other. Names that differ by case alone are left out: they count as equal whatever the cosine.
Relations: the same, one part replaced by such a variant; different: two gold relations of one document, and one with another object or
subject of the same type. The threshold is the lowest hundredth that at most 1 % of the different pairs reach: a document compares every
predicted name with every gold one, so different pairs are far more frequent than same ones.
"""

import argparse
import json
import re
import sys
from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.embeddings.base import Embedder
from core.embeddings.embedders import open_embedder

SAMPLES = Path("config/samples")
CONLL04 = Path("../shared/data/conll04/train.jsonl")
WEIGHTS = {"predicate": 0.4, "subject": 0.3, "object": 0.3}
ALLOWED = 0.01
"""Share of different pairs that may reach the threshold."""

Pair = tuple[str, str]
Relation = dict[str, str]


def documents() -> Iterator[tuple[list[tuple[str, str]], list[Relation]]]:
    """Entities (name, type) and relations of every annotated text at hand."""
    for path in sorted(SAMPLES.glob("*/samples.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            sample = json.loads(line)
            names = {entity["id"]: entity["text"] for entity in sample["entities"]}
            yield (
                [(entity["text"], entity["type"]) for entity in sample["entities"]],
                [
                    {"subject": names[r["subject_id"]], "predicate": r["predicate"], "object": names[r["object_id"]]}
                    for r in sample["relations"]
                ],
            )
    if CONLL04.exists():
        for line in CONLL04.read_text(encoding="utf-8").splitlines():
            sample = json.loads(line)
            yield [(name, "") for name in sample["entities"]], sample["relations"]


def variants(name: str) -> dict[str, str]:
    """Other ways to write a name, by rule; those that are equal after case folding are none."""
    words = name.split()
    made = {
        "plural": re.sub(r"([^aeiou])y$", r"\1ie", name) + ("es" if name.endswith(("s", "x", "ch", "sh")) else "s"),
        "German ending": name + ("n" if name.endswith("e") else "en"),
        "article": f"the {name}",
        "possessive": f"{name}'s",
        "hyphen for blank": name.replace(" ", "-"),
        "blank for hyphen": re.sub(r"[-_]", " ", name),
        "joined": re.sub(r"[-_]", "", name),
    }
    if len(words) > 1:
        made["first name as initial"] = f"{words[0][0]}. {' '.join(words[1:])}"
        made["initials"] = "".join(word[0] for word in words).upper()
    return {rule: other for rule, other in made.items() if other.casefold() != name.casefold()}


def different_names(entities: Sequence[tuple[str, str]]) -> Iterator[Pair]:
    """Pairs of one type that mean different things."""
    for (one, kind), (other, also) in combinations(dict.fromkeys(entities), 2):
        a, b = one.casefold(), other.casefold()
        if kind == also and a not in b and b not in a:
            yield one, other


def different_relations(entities: Sequence[tuple[str, str]], relations: Sequence[Relation]) -> Iterator[tuple[Relation, Relation]]:
    """Pairs that say different things."""
    yield from ((one, other) for one, other in combinations(relations, 2) if one != other)
    pairs = [pair for found in different_names(entities) for pair in (found, found[::-1])]
    for relation in relations:
        for part in ("subject", "object"):
            yield from ((relation, {**relation, part: other}) for name, other in pairs if relation[part] == name)


def cosines(embedder: Embedder, pairs: Sequence[Pair]) -> NDArray[np.float64]:
    """One cosine a pair; each distinct text is encoded once."""
    texts = list(dict.fromkeys(text for pair in pairs for text in pair))
    vectors = embedder.encode(texts).astype(np.float64)
    at = {text: index for index, text in enumerate(texts)}
    left, right = ([at[pair[side]] for pair in pairs] for side in (0, 1))
    return np.asarray(np.sum(vectors[left] * vectors[right], axis=1))


def of_relations(embedder: Embedder, pairs: Sequence[tuple[Relation, Relation]]) -> NDArray[np.float64]:
    """Weighted cosines of relations."""
    parts = [weight * cosines(embedder, [(a[part], b[part]) for a, b in pairs]) for part, weight in WEIGHTS.items()]
    return np.asarray(np.sum(parts, axis=0))


def chosen(different: NDArray[np.float64]) -> float:
    """The lowest hundredth that at most 1 % of the different pairs reach."""
    return next(step / 100 for step in range(1, 101) if np.mean(different >= step / 100) <= ALLOWED)


def measure(name: str = "minilm") -> dict[str, Any]:
    """Thresholds with the shares of same and different pairs that reach them."""
    embedder = open_embedder(name)
    found = list(documents())
    names = dict.fromkeys(text for entities, _ in found for text, _ in entities)
    same = [(rule, (text, other)) for text in names for rule, other in variants(text).items()]
    apart = list(dict.fromkeys(pair for entities, _ in found for pair in different_names(entities)))
    alike, unlike = cosines(embedder, [pair for _, pair in same]), cosines(embedder, apart)
    entity = chosen(unlike)
    rules = sorted({rule for rule, _ in same})
    relations = [relation for _, listed in found for relation in listed]
    changed = [
        (relation, {**relation, part: other}) for relation in relations for part in WEIGHTS for other in variants(relation[part]).values()
    ]
    others = [pair for entities, listed in found for pair in different_relations(entities, listed)]
    kept, mixed = of_relations(embedder, changed), of_relations(embedder, others)
    relation = chosen(mixed)
    return {
        "embedder": name,
        "entity": entity,
        "entity_pairs": (len(same), len(apart)),
        "entity_same": float(np.mean(alike >= entity)),
        "entity_different": float(np.mean(unlike >= entity)),
        "entity_by_rule": {rule: float(np.mean(alike[[r == rule for r, _ in same]] >= entity)) for rule in rules},
        "relation": relation,
        "relation_pairs": (len(changed), len(others)),
        "relation_same": float(np.mean(kept >= relation)),
        "relation_different": float(np.mean(mixed >= relation)),
        "grid": {
            step / 100: [round(float(np.mean(rows >= step / 100)), 4) for rows in (alike, unlike, kept, mixed)]
            for step in range(50, 100, 5)
        },
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the measurement."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("embedder", nargs="?", default="minilm")
    json.dump(measure(parser.parse_args(arguments).embedder), sys.stdout, indent=1)


if __name__ == "__main__":
    main()
