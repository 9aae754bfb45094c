"""What was found in a document, read from the store once and kept while it is looked at: long ones take longer than all else of a page."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from app import state
from app.resources import workbench
from app.views.extract_parts import Contents, Part, contents, parts
from core.records.documents import Document, Extraction
from core.workflows.documents import document_text, get_document
from core.workflows.extract import extractions_of

T = TypeVar("T")

MOST = 3
"""Documents of which everything is kept in a session."""


@dataclass(frozen=True)
class Text:
    """A document and its text in parts."""

    document: Document
    text: str
    parts: tuple[Part, ...]


def text_of(document: str) -> Text:
    """The document with its text, which never changes. Raises UnknownNameError."""

    def make() -> Text:
        bench = workbench()
        known, text = get_document(bench, document), document_text(bench, document)
        return Text(known, text, parts(text))

    return _unless_same("text", document, None, make)


def found_in(document: str) -> tuple[Extraction, ...]:
    """What was found in it so far, one a version, newest first; read anew when one was added or read again."""
    stamp = tuple(workbench().store.values(Extraction, ("id", "at"), {"document": document}))
    return _unless_same("found", document, stamp, lambda: tuple(extractions_of(workbench(), document)))


def contents_of(made: Extraction) -> Contents:
    """The same, ready to be drawn."""
    return _unless_same("contents", made.id, made.at, lambda: contents(made))


def _unless_same(what: str, key: str, stamp: object, make: Callable[[], T]) -> T:
    kept: dict[str, tuple[object, T]] = state.remembered(f"extract.{what}", {})
    if key not in kept or kept[key][0] != stamp:
        kept = dict([*((name, each) for name, each in kept.items() if name != key), (key, (stamp, make()))][-MOST:])
        state.remember(f"extract.{what}", kept)
    return kept[key][1]
