"""Candidate spans of a text: which there are, what is seen at each (keys to be counted), and what its shape says."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from core.llm.providers.builtin import words
from core.llm.providers.builtin.priors import LONGEST, Span, capital_runs
from core.llm.providers.builtin.tokens import Document, Token, read, stem

_EDGE_OUT = frozenset("DPCRX.,")
_PAIRS = frozenset(("/", "&", "-", "–", "+", "±", "'", "’", "'s", "’s"))
_OPEN_CLASS = frozenset("WANUIV0Q%")

KEYS = (
    "whole",
    "stems",
    "last",
    "last_stem",
    "end5",
    "end4",
    "end3",
    "end2",
    "first",
    "start4",
    "before",
    "before2",
    "after",
    "after2",
    "tags",
    "frame",
    "inside",
    "head_before",
    "shape",
    "left_content",
    "right_content",
)
"""What is counted at a span: itself, its head (last token) and the head's endings, its first token, its neighbors, its tags."""


@dataclass(frozen=True)
class Limits:
    """What the demos' entities allow beyond the usual: words at the edges, marks and words inside, more tokens."""

    longest: int = 5
    starts: frozenset[str] = frozenset()
    ends: frozenset[str] = frozenset()
    inside: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Candidate:
    """A span, its text, the keys to be counted (in the order of KEYS) and its shape features."""

    span: Span
    text: str
    keys: tuple[str, ...]
    shape: tuple[float, ...]


@dataclass
class Golds:
    """The entities of one demo, as token spans with their types; `missed` are names that are not found as tokens."""

    spans: dict[Span, str | None] = field(default_factory=dict)
    missed: int = 0


def ground(document: Document, names: Iterable[tuple[str, str | None]]) -> Golds:
    """Every mention of every name, longest first, none inside another."""
    starts = {token.start: index for index, token in enumerate(document.tokens)}
    ends = {token.end: index + 1 for index, token in enumerate(document.tokens)}
    golds, taken = Golds(), [False] * len(document.tokens)
    for name, kind in sorted(set(names), key=lambda pair: (-len(pair[0]), pair[0], pair[1] or "")):
        found = False
        at = document.text.find(name) if name else -1
        while at >= 0:
            first, last = starts.get(at), ends.get(at + len(name))
            if first is not None and last is not None:
                found = True
                if not any(taken[first:last]):
                    taken[first:last] = [True] * (last - first)
                    golds.spans[(first, last)] = kind
            at = document.text.find(name, at + 1)
        golds.missed += not found
    return golds


def limits_of(demos: Iterable[tuple[Document, Mapping[Span, str | None]]]) -> Limits:
    """What the demos' own entities need to be candidates at all."""
    longest = 4
    starts: set[str] = set()
    ends: set[str] = set()
    inside: set[str] = set()
    for document, spans in demos:
        for first, last in spans:
            longest = max(longest, last - first + 1)
            starts.add(document.tokens[first].low)
            ends.add(document.tokens[last - 1].low)
            inside.update(token.low for token in document.tokens[first + 1 : last - 1])
    return Limits(min(longest, LONGEST), frozenset(starts), frozenset(ends), frozenset(inside))


def _may_start(token: Token, limits: Limits) -> bool:
    return (token.tag not in _EDGE_OUT and token.tag not in "B%") or token.low in limits.starts


def _may_end(token: Token, limits: Limits) -> bool:
    return (token.tag not in _EDGE_OUT and token.tag != "B") or token.low in limits.ends


def _may_be_inside(token: Token, limits: Limits) -> bool:
    return token.tag in _OPEN_CLASS or token.low in limits.inside or token.low in words.NAME_LINK or token.low in _PAIRS


def spans_of(document: Document, limits: Limits) -> list[Span]:
    """All spans that may be entities, in order of their start, then length."""
    tokens, found = document.tokens, []
    for first, token in enumerate(tokens):
        if not _may_start(token, limits):
            continue
        for last in range(first + 1, min(first + limits.longest, len(tokens)) + 1):
            end = tokens[last - 1]
            if end.sentence != token.sentence or (last - first > 2 and not _may_be_inside(tokens[last - 2], limits)):
                break
            if _may_end(end, limits):
                found.append((first, last))
    return found


def _edge(document: Document, index: int) -> tuple[str, str]:
    """Case-folded word and tag at an index; beyond the text, a mark of its own."""
    if 0 <= index < len(document.tokens):
        token = document.tokens[index]
        return ("#" if token.tag == "0" else token.low), token.tag
    return "^", "^"


def _content(document: Document, places: Iterable[int]) -> str:
    """The stem of the first content word at these places, as far as the sentence goes; empty when there is none."""
    for index in places:
        if not 0 <= index < len(document.tokens) or document.tokens[index].tag == ".":
            return ""
        if document.tokens[index].tag in "WVAN" and document.tokens[index].low not in words.UNIT:
            return stem(document.tokens[index].low)
    return ""


@lru_cache(maxsize=65_536)
def word_shape(text: str) -> str:
    """Runs of capitals X, small letters x, digits 0 and other marks."""
    shape = ""
    for char in text[:24]:
        kind = "0" if char.isdigit() else "X" if char.isupper() else "x" if char.isalpha() else char
        if not shape.endswith(kind):
            shape += kind
    return shape


def _keys(document: Document, span: Span, cap_run: bool) -> tuple[str, ...]:
    first, last = span
    inner = document.tokens[first:last]
    head = inner[-1]
    low = "#" if head.tag == "0" else head.low
    stems = [("#" if token.tag == "0" else stem(token.low)) for token in inner]
    (before, before_tag), (after, after_tag) = _edge(document, first - 1), _edge(document, last)
    tags = "".join(token.tag for token in inner)
    return (
        " ".join("#" if token.tag == "0" else token.low for token in inner),
        " ".join(stems),
        low,
        stems[-1],
        stems[-1][-5:] if len(stems[-1]) > 5 else "",
        low[-4:] if len(low) > 4 else "",
        low[-3:] if len(low) > 4 else "",
        low[-2:] + head.tag,
        "#" if inner[0].tag == "0" else inner[0].low,
        stems[0][:4] + ("+" if last - first > 1 else "-"),
        before,
        f"{_edge(document, first - 2)[0]} {before}",
        after,
        f"{after} {_edge(document, last + 1)[0]}",
        tags,
        f"{before_tag}{tags}{after_tag}",
        " ".join(stems[:-1]),
        f"{before_tag} {before if before_tag in 'DPXC' else ''} {low}",
        word_shape(head.text) + str(min(3, last - first)) + ("c" if cap_run else ""),
        _content(document, range(first - 1, first - 6, -1)),
        _content(document, range(last, last + 5)),
    )


def _shape(document: Document, span: Span, runs: set[Span], inside: list[Span | None]) -> tuple[float, ...]:
    first, last = span
    inner = document.tokens[first:last]
    (_, before_tag), (_, after_tag) = _edge(document, first - 1), _edge(document, last)
    tags = {token.tag for token in inner}
    run = inside[first]
    left_open = before_tag in "WANUI0" and not inner[0].tag == "0"
    right_open = after_tag in "WNUI%"
    return (
        1.0,
        float(span in runs),
        float(run is not None and span not in runs and run == inside[last - 1]),
        float(run is None and inside[last - 1] is None),
        float((run is not None and run != inside[last - 1]) or (run is None and inside[last - 1] is not None)),
        float(left_open),
        float(right_open),
        float(not left_open and not right_open),
        float(last - first == 1),
        float(last - first == 2),
        float(last - first >= 4),
        float("0" in tags or "Q" in tags),
        float(inner[0].tag in "0Q" and inner[-1].tag == "%"),
        float(inner[-1].tag == "A"),
        float(inner[-1].tag == "V"),
        float(inner[0].tag == "V"),
        float("V" in tags),
        float("P" in tags or "C" in tags or "," in tags),
        float(bool(tags & set("IU"))),
        float(before_tag == "D"),
        float(before_tag == "A" or after_tag == "A"),
        float(inner[0].low.endswith(words.NOUN_ENDING) if last - first == 1 else inner[-1].low.endswith(words.NOUN_ENDING)),
        float(document.german and inner[-1].tag == "N"),
        float(document.german and last - first == 1 and inner[0].tag in "AV"),
    )


SHAPE_NAMES = (
    "bias",
    "run",
    "part_of_run",
    "no_run",
    "crosses_run",
    "left_open",
    "right_open",
    "closed",
    "one",
    "two",
    "long",
    "number",
    "measure",
    "adjective_last",
    "verb_last",
    "verb_first",
    "verb",
    "linked",
    "identifier",
    "after_determiner",
    "beside_adjective",
    "noun_ending",
    "german_noun",
    "german_small",
)


@lru_cache(maxsize=64)
def candidates(text: str, limits: Limits) -> tuple[Candidate, ...]:
    """Every candidate span of a text with what is seen at it."""
    document = read(text)
    runs = capital_runs(document)
    inside: list[Span | None] = [None] * len(document.tokens)
    for run in runs:
        inside[run[0] : run[1]] = [run] * (run[1] - run[0])
    found = []
    for span in spans_of(document, limits):
        start, end = document.tokens[span[0]].start, document.tokens[span[1] - 1].end
        found.append(Candidate(span, text[start:end], _keys(document, span, span in runs), _shape(document, span, runs, inside)))
    return tuple(found)
