"""Types guessed from the instructions where no demo shows one: the line that defines a type, word for word."""

import re
from collections.abc import Sequence
from functools import lru_cache

from core.llm.providers.builtin.tokens import stem, tokenize

_MEASURES = frozenset(
    "amount number value quantity figure measure measurement date time duration period wert kennwert betrag zahl zeit maß".split()
)


@lru_cache(maxsize=256)
def listed_names(instructions: str) -> tuple[str, ...]:
    """Names that the instructions define in a list: `- name: definition`, or `- name (from to): definition`."""
    return tuple(
        name.strip() for name in re.findall(r"^[-*•] [`\"*]*([^:(`\"*\n]{1,60})[`\"*]*(?: \([^)\n]*\))?:", instructions, re.MULTILINE)
    )


@lru_cache(maxsize=256)
def definitions(instructions: str, kinds: tuple[str, ...]) -> dict[str, frozenset[str]]:
    """Stems of each type's definition: of the lines that open with its name and a colon, dash or bracket."""
    found = {}
    for kind in kinds:
        lines = re.findall(
            rf"^[ \t]*(?:[-*•]|\d+\.)?[ \t]*[`\"*]*{re.escape(kind)}[`\"*]*[ \t]*[:(–-](.*)$", instructions, re.MULTILINE | re.IGNORECASE
        )
        tokens = tokenize(" ".join([kind.replace("_", " "), *lines])).tokens
        found[kind] = frozenset(stem(token.low) for token in tokens if token.tag in "WANUI")
    return found


def guess_kind(text: str, kinds: Sequence[str], instructions: str) -> str | None:
    """The type whose definition shares most words with a span; a measure goes to a type of measures; else the first."""
    if not kinds:
        return None
    tokens = tokenize(text).tokens
    stems = {stem(token.low) for token in tokens}
    defined = definitions(instructions, tuple(kinds))
    best = max(kinds, key=lambda kind: len(stems & defined[kind]))
    if stems & defined[best]:
        return best
    measure = any(token.tag in "0Q" for token in tokens)
    return next((kind for kind in kinds if measure and set(kind.casefold().split("_")) & _MEASURES), kinds[0])
