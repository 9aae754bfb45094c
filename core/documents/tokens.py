"""How many tokens a text costs a model: counted by the model's own tokenizer where it is here, else estimated so as to be too many."""

import string
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import import_module
from math import ceil
from pathlib import Path
from typing import Any, Protocol

from core.errors import MissingPartError, UnreadableFileError
from core.llm.providers.builtin.tokens import count as count_words

BYTES_PER_TOKEN = 3.5
"""Fewest bytes of lower-case letters and blanks that a token took on average.

Chosen against three tokenizers (cl100k; the same with every digit on its own, as Qwen, Gemma and Llama 2 do; BERT's English word
pieces), taking the highest count of the three for each text. Estimated at so many times that count: English prose 1.2 to 1.7, German
1.0 to 1.1 (without BERT 1.2), Chinese, Japanese, Hindi and Thai 1.9 to 2.4, Russian 1.4, code, JSON and YAML 1.1 to 1.5, tables of
numbers, article numbers and emoji 1.0 to 1.2, base64, the only one below, 0.97.
"""
MOST_BYTES_PER_TOKEN = 5.0
"""No prose has more. A server that says so leaves out the beginning of a prompt that it still held from the call before."""
LEAST_CALLS = 20
LOW = 0.05
"""The quantile: of twenty calls at most one had fewer bytes a token than the estimate says."""

_SINGLE = (string.digits + string.punctuation + string.ascii_uppercase + "\t\r\n").encode() + bytes(range(0x80, 0xC0))
"""Bytes that may be a token each: digits, marks, capitals (codes, base64), line ends, and those that continue a character."""


class TokenCounter(Protocol):
    """Counts the tokens of a text as one model does, or estimates them."""

    @property
    def name(self) -> str:
        """What is counted, and how sure that is; shown to people."""

    @property
    def exact(self) -> bool:
        """Whether the model's own tokenizer counts."""

    def count(self, text: str) -> int:
        """Tokens of any text, lone surrogates included; 0 for an empty one."""


@dataclass(frozen=True, kw_only=True)
class EstimatedTokens:
    """Tokens of an unknown tokenizer, rather too many than too few; grows with the text, never more for a whole than for its parts."""

    bytes_per_token: float = BYTES_PER_TOKEN
    calls: int = 0
    """How many calls of the model it was measured on."""
    exact: bool = field(default=False, init=False)

    @property
    def name(self) -> str:
        """Bytes a token, and where the figure is from."""
        origin = f" (measured on {self.calls} calls)" if self.calls else ""
        return f"estimated: at most {self.bytes_per_token:.1f} bytes of text a token{origin}"

    def count(self, text: str) -> int:
        """One for each digit, mark and capital, the rest of the text's UTF-8 by its bytes."""
        data = text.encode("utf-8", "surrogatepass")
        rest = len(data.translate(None, _SINGLE))
        return len(data) - rest + ceil(rest / self.bytes_per_token)


@dataclass(frozen=True, kw_only=True)
class BuiltinTokens:
    """Tokens as the built-in model reports them."""

    name: str = "words, numbers and marks, as the built-in model counts"
    exact: bool = True

    def count(self, text: str) -> int:
        """Words, numbers and marks."""
        return count_words(text)


@dataclass(frozen=True, kw_only=True)
class TokenizerTokens:
    """Tokens of a Hugging Face tokenizer, without the special ones that a model puts around a text."""

    name: str
    tokenizer: Any
    exact: bool = True

    @classmethod
    def read(cls, path: Path) -> "TokenizerTokens":
        """The tokenizer of a `tokenizer.json`.

        Raises:
            MissingPartError: the package `tokenizers` is not installed.
            UnreadableFileError: no such file, or not a tokenizer's.
        """
        try:
            package = import_module("tokenizers")
        except ImportError as error:
            raise MissingPartError("tokenizers is not installed", hint="pip install tokenizers, or go on with estimated tokens") from error
        try:
            tokenizer = package.Tokenizer.from_file(str(path))
        except Exception as error:  # the package raises bare Exception for a missing file and for a damaged one
            raise UnreadableFileError(f"{path} cannot be read as a tokenizer: {error}", hint="it takes a model's tokenizer.json") from error
        # A tokenizer.json may cut or fill up every text to one length, and would then count that length.
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return cls(name=f"tokens of {path.parent.name}/{path.name}", tokenizer=tokenizer)

    def count(self, text: str) -> int:
        """Tokens of the text, a lone surrogate taken for the replacement character."""
        whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return len(self.tokenizer.encode(whole, add_special_tokens=False))


def measured(samples: Sequence[tuple[int, int]]) -> EstimatedTokens | None:
    """An estimate for a model from its own calls: (bytes of the prompt's UTF-8, prompt tokens as its server counted them).

    A low quantile of bytes per token, so that it says too many rather than too few; None = too few calls to say.
    """
    rates = sorted(size / tokens for size, tokens in samples if size > 0 and tokens > 0)
    if len(rates) < LEAST_CALLS:
        return None
    low = rates[int(LOW * len(rates))]
    return EstimatedTokens(bytes_per_token=min(max(low, 1.0), MOST_BYTES_PER_TOKEN), calls=len(rates))
