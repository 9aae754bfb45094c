"""Documents: reading files, keeping what was read, finding it again."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from core.documents.reading import Limits, Read, ReadDocument, UnreadableDocument, Upload, read_files
from core.errors import UnknownNameError
from core.records.base import Record, text_hash
from core.records.documents import Classification, Document
from core.records.models import Text
from core.store.base import Ensure, Operation
from core.workbench import Workbench

__all__ = ["Read", "ReadDocument", "Source", "UnreadableDocument", "Upload"]

Source = Path | Upload
"""A file or folder on this machine, or a file in memory."""

MEGABYTE = 2**20
SHOWN = 50


class DocumentRow(Record):
    """A document and the domain that it was given; None = it was not classified."""

    document: Document
    domain: str | None
    overridden: bool


def read_documents(bench: Workbench, sources: Iterable[Source], *, cancelled: Callable[[], bool] = lambda: False) -> Iterator[Read]:
    """Every document of the files and folders, in their order; what cannot be read comes with the reason and stops nothing."""
    limits = Limits(seconds=bench.settings.document_seconds, memory_bytes=bench.settings.document_memory_mb * MEGABYTE)
    return read_files(sources, limits=limits, cancelled=cancelled)


def document_of(read: ReadDocument) -> Document:
    """What is known of a text that came in."""
    return Document(id=text_hash(read.text), name=read.name, kind=read.kind, characters=len(read.text), pages=read.pages, notes=read.notes)


def keeping(document: Document, text: str) -> list[Operation]:
    """What writes a document down; one that is there already stays as it is."""
    return [Ensure(record=Text(hash=document.id, content=text)), Ensure(record=document)]


def keep_document(bench: Workbench, read: ReadDocument) -> Document:
    """Keep a text that came in. Raises StoreError."""
    document = document_of(read)
    bench.store.write(keeping(document, read.text))
    return document


def get_document(bench: Workbench, document: str) -> Document:
    """A document that came in before. Raises UnknownNameError."""
    found = bench.store.get(Document, document)
    if found is None:
        newest = bench.store.page(Document, order="received_at", descending=True, limit=5)
        raise UnknownNameError.of("document", document[:80], [each.id for each in newest])
    return found


def document_text(bench: Workbench, document: str) -> str:
    """Its text, whole. Raises UnknownNameError."""
    found = bench.store.get(Text, document)
    if found is None:
        raise UnknownNameError.of("document", document[:80], [])
    return found.content


def newest_documents(bench: Workbench, *, limit: int = SHOWN) -> list[DocumentRow]:
    """The documents that came in last, newest first."""
    found = bench.store.page(Document, order="received_at", descending=True, limit=limit)
    given = bench.store.get_many(Classification, [document.id for document in found])
    return [
        DocumentRow(
            document=document,
            domain=given[document.id].domain if document.id in given else None,
            overridden=document.id in given and given[document.id].overridden,
        )
        for document in found
    ]
