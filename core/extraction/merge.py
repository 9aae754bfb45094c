"""What the chunks of a document said, as one: overlaps say things twice, and their edges cut names.

The result does not depend on the order in which chunks were read. Offsets are code points of the document.
"""

import math
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from core.extraction.align import folded
from core.records.documents import FoundEntity, FoundRelation
from core.records.mentions import Span, nested


class Findings(NamedTuple):
    """What was found in the chunk `start` to `end`."""

    start: int
    end: int
    entities: tuple[FoundEntity, ...]
    relations: tuple[FoundRelation, ...]


class Merged(NamedTuple):
    """What was found in the document, in its order."""

    entities: tuple[FoundEntity, ...]
    relations: tuple[FoundRelation, ...]


class _Claim(NamedTuple):
    """One chunk's word for one mention."""

    entity: FoundEntity
    chunk: int
    far: float
    """Code points, blanks apart, to the nearest edge of the chunk inside the document."""

    @property
    def span(self) -> Span:
        return self.entity.start, self.entity.end


def merge(text: str, findings: Sequence[Findings]) -> Merged:
    """Each mention once and each relation once.

    - A name at a chunk's edge that another chunk saw go on gives way to the longer one.
    - Of several types for one mention the one that most chunks gave that name holds; of equally many, the one from the
      chunk that saw the mention farthest from its edge.
    - A mention inside a longer one is none, unless its name stands nowhere else or a relation joins it.
    - A relation said in several chunks, or of several mentions of the same names, is kept where its ends stand nearest.
    """
    ordered = sorted(findings, key=lambda each: (each.start, each.end))
    claims = [
        _Claim(entity, number, _far(text, entity, chunk)) for number, chunk in enumerate(ordered) for entity in chunk.entities
    ]  # fmt: skip
    whole, instead = _without_cut(claims)
    relations = _once([_moved(relation, instead) for chunk in ordered for relation in chunk.relations])
    return Merged(tuple(_without_nested(_typed(whole), relations)), tuple(relations))


def _far(text: str, entity: FoundEntity, chunk: Findings) -> float:
    before = len(text[chunk.start : entity.start].lstrip()) if chunk.start > 0 else math.inf
    after = len(text[entity.end : chunk.end].rstrip()) if chunk.end < len(text) else math.inf
    return min(before, after)


def _without_cut(claims: Sequence[_Claim]) -> tuple[list[_Claim], dict[Span, FoundEntity]]:
    """The claims without those that an edge cut, and for each span that is gone, the entity in its place."""
    by_start = sorted(claims, key=lambda claim: claim.span)
    reach = max((claim.entity.end - claim.entity.start for claim in claims), default=0)
    whole: list[_Claim] = []
    instead: dict[Span, FoundEntity] = {}
    for claim in claims:
        longer = _longer(claim, by_start, reach) if claim.far == 0 else None
        if longer is None:
            whole.append(claim)
        else:
            instead[claim.span] = longer
    for claim in whole:
        instead.pop(claim.span, None)
    return whole, instead


def _longer(cut: _Claim, by_start: Sequence[_Claim], reach: int) -> FoundEntity | None:
    """The longest mention of another chunk that overlaps a cut one and is longer; the first of equals. None has more than `reach`."""
    start, end = cut.span
    near = by_start[bisect_left(by_start, start - reach, key=_start) : bisect_left(by_start, end, key=_start)]
    over = [claim.entity for claim in near if claim.chunk != cut.chunk and claim.entity.end > start]
    longest = max(over, key=lambda each: each.end - each.start, default=cut.entity)
    return longest if longest.end - longest.start > end - start else None


def _start(claim: _Claim) -> int:
    return claim.entity.start


def _typed(claims: Sequence[_Claim]) -> list[FoundEntity]:
    """One entity a span, in the document's order."""
    by_span: defaultdict[Span, list[_Claim]] = defaultdict(list)
    for claim in claims:
        by_span[claim.span].append(claim)
    votes = {(claim.chunk, folded(claim.entity.text), claim.entity.type) for claim in claims}
    said = Counter((name, kind) for _, name, kind in votes)
    return [_elected(by_span[span], said) for span in sorted(by_span)]


def _elected(claims: Sequence[_Claim], said: Mapping[tuple[str, str | None], int]) -> FoundEntity:
    if len(claims) == 1:
        return claims[0].entity

    def rank(claim: _Claim) -> tuple[bool, int, float, int]:
        kind = claim.entity.type
        return kind is None, -said[folded(claim.entity.text), kind], -claim.far, claim.chunk

    ranked = [claim.entity for claim in sorted(claims, key=rank)]
    told = [each.description for each in ranked if each.type == ranked[0].type and each.description]
    return ranked[0].model_copy(update={"description": told[0]}) if told else ranked[0]


def _without_nested(entities: Sequence[FoundEntity], relations: Sequence[FoundRelation]) -> list[FoundEntity]:
    inner = nested([(each.start, each.end) for each in entities])
    elsewhere = {folded(each.text) for each in entities if (each.start, each.end) not in inner}
    linked = {(each.subject_start, each.subject_end) for each in relations} | {(each.object_start, each.object_end) for each in relations}
    spare = inner - linked
    return [each for each in entities if (each.start, each.end) not in spare or folded(each.text) not in elsewhere]


def _moved(relation: FoundRelation, instead: Mapping[Span, FoundEntity]) -> FoundRelation:
    """The relation with ends that survived."""
    subject = _survivor((relation.subject_start, relation.subject_end), instead)
    target = _survivor((relation.object_start, relation.object_end), instead)
    ends: dict[str, str | int] = {}
    if subject is not None:
        ends |= {"subject": subject.text, "subject_start": subject.start, "subject_end": subject.end}
    if target is not None:
        ends |= {"object": target.text, "object_start": target.start, "object_end": target.end}
    return relation.model_copy(update=ends) if ends else relation


def _survivor(span: Span, instead: Mapping[Span, FoundEntity]) -> FoundEntity | None:
    """What stands in the place of a span that is gone, which may be gone itself: each is longer than the one before."""
    found = instead.get(span)
    while found is not None and (further := instead.get((found.start, found.end))) is not None:
        found = further
    return found


def _once(relations: Sequence[FoundRelation]) -> list[FoundRelation]:
    """Each statement once, where its ends stand nearest; none from a mention to itself."""
    best: dict[tuple[str, str, str], FoundRelation] = {}
    for relation in sorted(relations, key=_tightest):
        if (relation.subject_start, relation.subject_end) != (relation.object_start, relation.object_end):
            best.setdefault((folded(relation.subject), relation.predicate.casefold(), folded(relation.object)), relation)
    return sorted(best.values(), key=lambda each: (each.evidence, each.subject_start, each.object_start, each.predicate))


def _tightest(relation: FoundRelation) -> tuple[int, int, int, int, str, str]:
    start, end = relation.evidence
    return end - start, start, relation.subject_start, relation.object_start, relation.predicate, relation.description or ""
