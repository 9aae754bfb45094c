"""From which cosine on two names count as the same, for each embedder whose cosines were looked at."""

from pathlib import PurePath

from core.records.base import Record


class Thresholds(Record):
    """For entities, for relations (0.4 predicate + 0.3 subject + 0.3 object), and how they were found."""

    entity: float
    relation: float
    note: str


# MiniLM's by `python -m benchmarks.semantic_thresholds`, from the shipped samples and the CoNLL04 train split: the lowest hundredth that at
# most 1 % of pairs of different things reach. Names: 6,219 pairs of different names of one type in one document, 1.0 % reach 0.75; 20,207
# variants made by rule, 82 % do (plural 97, hyphen 100, German ending 91, article 100, first name as initial 48, initials 1 %). Relations:
# 10,912 pairs of different ones, 1.0 % reach 0.93 (at bge-m3's 0.70 it would be 88 %: two relations that share predicate and subject are
# there already); 34,760 with one part replaced by a variant, 70 % do.
BGE_M3 = Thresholds(entity=0.75, relation=0.70, note="thresholds of bge-m3")
MINILM = Thresholds(entity=0.75, relation=0.93, note="thresholds of all-MiniLM-L6-v2")
LENGTHS = Thresholds(entity=1.0, relation=1.0, note="word lengths are alike only when they are equal")


def thresholds_of(name: str) -> Thresholds:
    """Those of the model that a name means, whatever its owner, folder or tag; an unknown one takes MiniLM's and says so."""
    model = PurePath(name).name.partition(":")[0].lower()
    known = {"bge-m3": BGE_M3, "minilm": MINILM, "all-minilm-l6-v2": MINILM, "all-minilm": MINILM, "fake": LENGTHS}
    if model in known:
        return known[model]
    return MINILM.model_copy(update={"note": f"nothing is known of the cosines of {name}: thresholds of all-MiniLM-L6-v2"})
