"""The guess without any example: runs of capitalized words, identifiers, and measures."""

from core.llm.providers.builtin import words
from core.llm.providers.builtin.tokens import Document, Token

Span = tuple[int, int]
"""First token, last token + 1."""

LONGEST = 7
_QUOTE = frozenset("\"“„`:''``([")
_LINKS = frozenset({"of", "de", "van", "von", "'", "&"})


def capital_runs(document: Document) -> set[Span]:
    """Spans that look like names, identifiers or measures; none overlaps another."""
    tokens, runs = document.tokens, set()
    index = 0
    while index < len(tokens):
        last = _measure_end(tokens, index)
        if last == index:
            last = _run_end(tokens, index)
            if last > index and _run_counts(document, index, last):
                runs.add((_without_opening(document, index, last), last))
        else:
            runs.add((index, last))
        index = max(last, index + 1)
    return runs


def _measure_end(tokens: tuple[Token, ...], index: int) -> int:
    """Where "34 percent", "$ 5 million" or "ten days" ends; = index where no measure starts."""
    at = index + (tokens[index].low in words.CURRENCY)
    first = at
    while at < len(tokens) and at - index < 4 and (tokens[at].tag in "0Q" or (at > first and tokens[at].low in words.MAGNITUDE)):
        at += 1
    if at == first:
        return index
    if at < len(tokens) and tokens[at].tag == "%":
        return at + 1
    return at if first > index else index


def _run_end(tokens: tuple[Token, ...], index: int) -> int:
    """Where a run that starts at `index` ends (= index if none starts): capitals, linked by "of" and the like."""
    if not _capital(tokens, index):
        return index
    last = index + 1
    while last < len(tokens) and tokens[last].sentence == tokens[index].sentence and last - index < LONGEST:
        if _capital(tokens, last) or (tokens[last].tag == "0" and tokens[last - 1].low.rstrip(".") in words.MONTH):
            last += 1
        elif tokens[last].low in _LINKS and _capital(tokens, last + 1):
            last += 2
        else:
            break
    return last


def _capital(tokens: tuple[Token, ...], index: int) -> bool:
    if index >= len(tokens) or tokens[index].low in words.WEEKDAY:
        return False
    return tokens[index].tag == "I" or (tokens[index].capital and tokens[index].tag in "NUWAVQ")


def _opens_sentence(document: Document, index: int) -> bool:
    before = document.tokens[index - 1] if index else None
    return before is None or before.sentence != document.tokens[index].sentence or before.text in _QUOTE


def _without_opening(document: Document, first: int, last: int) -> int:
    """The run's start, moved past a sentence's first word that reads as a verb ("Born July 14")."""
    token = document.tokens[first]
    return first + (last - first > 1 and token.tag == "N" and _opens_sentence(document, first) and token.low.endswith(("ing", "ed")))


def _run_counts(document: Document, first: int, last: int) -> bool:
    """Whether a run is more than the capital at a sentence's start, or than a German noun."""
    inner = document.tokens[first:last]
    if any(token.tag in "UI" for token in inner):
        return True
    opens = _opens_sentence(document, first)
    if document.german:
        return last - first > 1 and not opens
    return last - first > 1 or not opens or _name_like(document, first, last)


def _name_like(document: Document, first: int, last: int) -> bool:
    """Whether a sentence's single first word may be a name: never seen small, and a comma, a verb or a genitive follows."""
    token = document.tokens[first]
    if any(other.text == token.low for other in document.tokens):
        return False
    after = document.tokens[last] if last < len(document.tokens) else None
    return after is not None and (after.tag in "XV" or after.low in {",", "'s", "’s", "(", "said", "says"})
