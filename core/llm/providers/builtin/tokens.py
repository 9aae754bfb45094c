"""Text as tokens with code-point offsets, each with a coarse guess at its word class.

Nothing may be downloaded, so the class comes from closed word lists, endings, capitals and the word before.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from core.llm.providers.builtin import words

_TOKEN = re.compile(
    r"(?P<url>https?://[^\s)>\]]+)"
    r"|(?P<path>(?<!\S)[~.]?/[\w./-]+\w)"
    r"|(?P<flag>(?<![\w-])--?[A-Za-z][\w-]*)"
    r"|(?P<number>\d+(?:[.,:]\d+)*(?![\w])|\d+(?:st|nd|rd|th)\b)"
    r"|(?P<initials>\b(?:[^\W\d_]\.){2,}|\b[A-Z]\.(?=\s+[A-Z])(?!\s+(?:The|A|An|In|If|It|On|At|For|Der|Die|Das|Bei|Im)\b)"
    r"|\b(?:Mr|Mrs|Ms|Dr|Sen|Rep|Gov|Gen|Lt|Col|Sgt|Prof|St|Jan|Feb|Aug|Sept|Oct|Nov|Dec|No|Nr|Art|Sec|Jr|Inc|Co|Corp|Ltd)\.(?=\s))"
    r"|(?P<abbreviation>\b[A-Z][a-z]{1,4}\.(?=\s+[,;])|\b[^\W\d_]{1,4}\.(?=[ \u00a0][a-zäöüß\d]))"
    r"|(?P<word>\w+(?:(?:[-‐‑_.@]|['’](?![sS]\b))\w+)*-?)"
    r"|(?P<genitive>['’][sS]\b)"
    r"|(?P<degree>°[CFK]?)"
    r"|(?P<mark>\S)"
)
_CAMEL = re.compile(r"[a-z][A-Z]|[A-Za-z]\d|\d[A-Za-z]|_|\w\.\w|\(\)")
_STRONG = frozenset(".;!?:•|")


@dataclass(frozen=True, slots=True)
class Token:
    """One token: `text[start:end]` of its source, `low` case-folded, `tag` its class, `sentence` a running number."""

    text: str
    start: int
    end: int
    low: str
    tag: str
    sentence: int

    @property
    def capital(self) -> bool:
        """Whether it starts with a capital letter."""
        return self.text[0].isupper()


@dataclass(frozen=True)
class Document:
    """A text as tokens; `german` is a guess from function words."""

    text: str
    tokens: tuple[Token, ...]
    german: bool


def _closed_class(low: str) -> str | None:
    """The class of a function word; None for content words."""
    for tag, members in (
        ("D", words.DETERMINER),
        ("X", words.AUXILIARY),
        ("C", words.CONJUNCTION),
        ("R", words.PRONOUN),
        ("P", words.PREPOSITION),
        ("B", words.ADVERB),
        ("Q", words.NUMBER_WORD),
    ):
        if low in members:
            return tag
    return None


def _content_class(text: str, low: str, german: bool) -> str:
    """A guess for an open-class word: I(dentifier), U(pper case), N(ame or capitalized noun), A(djective), V(erb), W(ord)."""
    if _CAMEL.search(text):
        return "I"
    if len(text) > 1 and text.isupper():
        return "U"
    if text[0].isupper():
        return "N"
    if german:
        return "A" if low.endswith(("e", "er", "es", "en", "em")) else "V"
    if low.endswith("ly") and len(low) > 4:
        return "B"
    if low.endswith(words.ADJECTIVE_ENDING) and len(low) > 4:
        return "A"
    return "V" if low.endswith(words.VERB_ENDING) and len(low) > 4 else "W"


@lru_cache(maxsize=65_536)
def _word_class(text: str, kind: str, german: bool) -> str:
    low = text.casefold()
    if kind == "number":
        return "0"
    if kind in ("url", "path", "flag"):
        return "I"
    if low in words.UNIT and (not text[0].isalpha() or kind == "degree"):
        return "%"
    if kind in ("mark", "genitive"):
        return "." if text in _STRONG else ","
    return _closed_class(low.rstrip(".")) or _content_class(text, low, german)


def _in_context(tag: str, low: str, before: Token | None) -> str:
    """The class corrected by the token before: a unit after a number, a verb after a modal."""
    if before is None:
        return tag
    if low in words.UNIT and before.tag in "0Q":
        return "%"
    if tag in "WVA" and before.low in words.MODAL:
        return "V"
    if tag == "W" and before.tag == "R":
        return "V"
    return tag


def is_german(text: str) -> bool:
    """Whether German function words outnumber English ones."""
    lows = re.findall(r"[^\W\d_]+", text.casefold())
    return sum(low in words.GERMAN_HINT for low in lows) > sum(low in words.ENGLISH_HINT for low in lows)


def _ends_sentence(token: Token, following: str) -> bool:
    return (token.tag == "." and token.text != ":") or (token.text == "\n") or following.count("\n") > 1


@lru_cache(maxsize=256)
def read(text: str) -> Document:
    """Tokens of a text, kept for the next question about it."""
    return tokenize(text)


def tokenize(text: str) -> Document:
    """Tokens of a text; offsets are code points into it."""
    german = is_german(text)
    found: list[Token] = []
    sentence = 0
    for match in _TOKEN.finditer(text):
        piece, kind = match.group(), match.lastgroup or "mark"
        before = found[-1] if found else None
        if before is not None and _ends_sentence(before, text[before.end : match.start()]):
            sentence += 1
            before = None
        low = piece.casefold()
        tag = _in_context(_word_class(piece, kind, german), low, before)
        found.append(Token(piece, match.start(), match.end(), low, tag, sentence))
    return Document(text, tuple(found), german)


@lru_cache(maxsize=65_536)
def stem(low: str) -> str:
    """A crude stem: common inflections of English and German cut off, marks stripped from vowels (ü -> u)."""
    plain = "".join(char for char in unicodedata.normalize("NFD", low) if not unicodedata.combining(char))
    for ending in ("ies", "ungen", "sses", "ing", "ern", "ed", "es", "en", "er", "em", "s", "e", "n"):
        if plain.endswith(ending) and len(plain) - len(ending) >= 4:
            kept = plain[: len(plain) - len(ending)]
            return kept + {"ies": "y", "ungen": "ung", "sses": "ss"}.get(ending, "")
    return plain


@lru_cache(maxsize=1024)
def count(text: str) -> int:
    """Tokens of this tokenizer: what the built-in model reports as usage."""
    return sum(1 for _ in _TOKEN.finditer(text))
