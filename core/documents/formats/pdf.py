"""PDF: the text layer, page by page."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from types import ModuleType
from typing import TYPE_CHECKING

from core.documents.formats.base import Document, File, Item
from core.errors import UnreadableFileError

if TYPE_CHECKING:
    from pypdf import PdfReader

REPAIR = "open it in a viewer and save or print it as PDF again"
UNPROTECTED = "save it without a password"
_MARK = re.compile(rb"\s*%PDF-\d")
LISTED = 20
"""Page numbers that a note names at most."""


class Pdf:
    """Pages are separated by an empty line; words stay hyphenated as the file has them."""

    name = "pdf"
    endings: tuple[str, ...] = ("pdf",)
    title = "a PDF"
    text = False

    def sniffs(self, content: bytes) -> bool:
        """The mark at the beginning. Behind other things it is found too, but only in what is called a PDF."""
        return _MARK.match(content[:1024]) is not None

    def read(self, file: File) -> Iterator[Item]:
        """One document."""
        with _said_plainly(), _warnings() as warned:
            reader, notes = _opened(file)
            texts: list[str] = []
            empty: list[int] = []
            failed: list[str] = []
            for number, page in enumerate(reader.pages, 1):
                try:
                    text = page.extract_text().strip("\n")
                except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, _errors().PyPdfError) as error:
                    failed.append(f"page {number} cannot be read: {error or type(error).__name__}")
                    continue
                if text.strip():
                    texts.append(text)
                else:
                    empty.append(number)
        if not texts and failed:
            raise UnreadableFileError(f"no page of the PDF can be read; {failed[0]}", hint=REPAIR)
        if not texts:
            raise UnreadableFileError("the PDF has no text layer (scanned?)", hint="have it read by a text recognition (OCR) first")
        if empty:
            notes.append(_without_text(empty))
        yield Document("\n\n".join(texts), pages=len(reader.pages), notes=(*notes, *failed[:LISTED], *_more(failed), *warned))


def _opened(file: File) -> tuple["PdfReader", list[str]]:
    """The file, decrypted where that takes no password, and what there is to note of that."""
    from pypdf import PasswordType, PdfReader  # noqa: PLC0415 (text files do without)

    notes = []
    reader = PdfReader(BytesIO(file.content))
    if reader.is_encrypted:
        if reader.decrypt("") is PasswordType.NOT_DECRYPTED:
            raise UnreadableFileError("the PDF is encrypted and needs a password", hint=UNPROTECTED)
        notes.append("the PDF was encrypted with an empty password")
    count = len(reader.pages)
    if count == 0:
        raise UnreadableFileError("the PDF has no pages", hint=REPAIR)
    if count > file.limits.pages:
        raise UnreadableFileError(f"the PDF has {count:,} pages; at most {file.limits.pages:,} are read", hint="split it into several")
    return reader, notes


@contextmanager
def _said_plainly() -> Iterator[None]:
    try:
        yield
    except _errors().DependencyError as error:
        raise UnreadableFileError(
            f"the PDF is encrypted, and a part that decrypts it is not installed: {error}", hint=UNPROTECTED
        ) from None
    except _errors().PyPdfError as error:
        raise UnreadableFileError(f"the PDF is damaged: {error}", hint=REPAIR) from None


class _Collected(logging.Handler):
    """pypdf says by warnings what it mended, skipped or gave up; each is kept once."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.found: dict[str, None] = {}

    def emit(self, record: logging.LogRecord) -> None:
        if len(self.found) < LISTED:
            self.found[f"the PDF is not as it should be: {record.getMessage()[:200]}"] = None


@contextmanager
def _warnings() -> Iterator[dict[str, None]]:
    collected = _Collected()
    logger = logging.getLogger("pypdf")
    logger.addHandler(collected)
    try:
        yield collected.found
    finally:
        logger.removeHandler(collected)


def _errors() -> ModuleType:
    import pypdf.errors  # noqa: PLC0415

    return pypdf.errors


def _without_text(pages: list[int]) -> str:
    listed = ", ".join(map(str, pages[:LISTED])) + (f" and {len(pages) - LISTED} more" if len(pages) > LISTED else "")
    return f"page {listed} has no text" if len(pages) == 1 else f"pages {listed} have no text"


def _more(failed: list[str]) -> tuple[str, ...]:
    return (f"{len(failed) - LISTED} more pages cannot be read",) if len(failed) > LISTED else ()
