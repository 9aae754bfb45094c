"""Pairs of entities that may be related: which there are, and what is seen at each (keys to be counted)."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from core.llm.providers.builtin import words
from core.llm.providers.builtin.priors import Span
from core.llm.providers.builtin.spans import ground, word_shape
from core.llm.providers.builtin.tokens import Document, Token, read, stem

NAMES = (
    "kinds",
    "kinds_order",
    "between",
    "verb",
    "verb_last",
    "bag",
    "bigram",
    "subject_head",
    "object_head",
    "heads",
    "before",
    "after",
    "rank",
    "distance",
    "clause",
)
"""What is counted at a pair for each predicate. `bag` and `bigram` are many keys, of which the strongest two count."""

FARTHEST = 30
MOST_BETWEEN = 4


@dataclass(frozen=True)
class Mention:
    """One mention of an entity that the prompt lists; `kind` is its type, or its shape where it has none."""

    name: str
    kind: str
    typed: bool
    span: Span


@dataclass(frozen=True)
class Pair:
    """A directed pair of mentions; `keys` hold, for each of NAMES, the values seen; `shape` what needs no counting."""

    subject: Mention
    object: Mention
    keys: tuple[tuple[str, ...], ...]
    shape: tuple[float, ...]
    between: int
    same_sentence: bool


def mentions_of(text: str, entities: Sequence[tuple[str, str | None]]) -> tuple[Document, list[Mention]]:
    """Where the listed entities stand in the text, in its order."""
    document = read(text)
    kinds = dict(reversed([(name, kind) for name, kind in entities]))
    golds = ground(document, [(name, kinds[name]) for name in kinds])
    found = []
    for span in sorted(golds.spans):
        tokens = document.tokens[span[0] : span[1]]
        name = document.text[tokens[0].start : tokens[-1].end]
        kind = golds.spans[span]
        found.append(Mention(name, kind or _look(tokens), kind is not None, span))
    return document, found


def _look(tokens: Sequence[Token]) -> str:
    """A stand-in for a missing type: measure, acronym, names by their shape, or the ending of the head."""
    if any(token.tag in "0Q" for token in tokens):
        return "~number"
    head = tokens[-1]
    return f"~{word_shape(head.text)}{min(3, len(tokens))}" if head.capital else f"~{stem(head.low)[-3:]}"


def pairs_of(document: Document, mentions: Sequence[Mention]) -> list[Pair]:
    """Every ordered pair of different names that stand near each other."""
    found = []
    for index, left in enumerate(mentions):
        for rank, right in enumerate(mentions[index + 1 :]):
            gap = right.span[0] - left.span[1]
            far = document.tokens[right.span[0]].sentence - document.tokens[left.span[0]].sentence
            if rank > MOST_BETWEEN or gap > FARTHEST or far > 1:
                break
            if left.name.casefold() != right.name.casefold():
                inner = [one.span for one in mentions[index + 1 : index + 1 + rank]]
                found += [_pair(document, (left, right), inner, forward) for forward in (True, False)]
    return found


def _pair(document: Document, ends: tuple[Mention, Mention], inner: list[Span], forward: bool) -> Pair:
    left, right = ends
    subject, object_ = (left, right) if forward else (right, left)
    covered = {index for span in inner for index in range(*span)}
    raw = [document.tokens[index] for index in range(left.span[1], right.span[0])]
    middle = [document.tokens[index] for index in range(left.span[1], right.span[0]) if index not in covered]
    content = [token for token in middle if token.tag in "WVANXP" and token.low not in words.DETERMINER]
    verbs = [stem(token.low) for token in content if token.tag in "WVA"]
    way = ">" if forward else "<"
    sentence_gap = document.tokens[right.span[0]].sentence - document.tokens[left.span[0]].sentence
    before = document.tokens[left.span[0] - 1].low if left.span[0] else "^"
    after = document.tokens[right.span[1]].low if right.span[1] < len(document.tokens) else "^"
    heads = [stem(document.tokens[end.span[1] - 1].low) for end in (subject, object_)]
    stems = [stem(token.low) for token in content]
    rank = str(min(len(inner), 3)) + ("" if not sentence_gap else "s")
    keys = (
        (f"{subject.kind}|{object_.kind}",),
        (f"{subject.kind}|{object_.kind}{way}{rank}",),
        (way + " ".join(token.low for token in raw),) if len(raw) < 6 else (),
        (way + verbs[0],) if verbs else (way,),
        (way + verbs[-1],) if verbs else (),
        tuple(dict.fromkeys(way + one for one in stems)),
        tuple(dict.fromkeys(f"{way}{a} {b}" for a, b in pairwise(stems))),
        (heads[0],),
        (heads[1],),
        ("|".join(heads),),
        (way + before,),
        (way + after,),
        (way + rank,),
        (way + str(min(4, len(raw) // 3)),),
        (way + "".join(token.tag for token in raw if token.tag in ".,CXR")[:4] + ("s" if sentence_gap else ""),),
    )
    shape = (
        1.0,
        float(not inner),
        float(len(inner) > 1),
        float(forward),
        float(bool(sentence_gap)),
        len(raw) / 10.0,
        float(bool(verbs)),
        float(any(token.tag == "." for token in raw)),
    )
    return Pair(subject, object_, keys, shape, len(inner), not sentence_gap)
