"""The registry of kinds of files: adding one is one file and one line here. Which kind a file is of."""

from core.documents.encoding import is_utf8, looks_like_text
from core.documents.formats.base import Format
from core.documents.formats.csv import Csv
from core.documents.formats.docx import Docx
from core.documents.formats.eml import Eml
from core.documents.formats.html import Html
from core.documents.formats.jsonl import Jsonl
from core.documents.formats.pdf import Pdf
from core.documents.formats.plain import Markdown, Plain
from core.documents.formats.zip import Zip
from core.documents.naming import ending
from core.errors import UnreadableFileError

PLAIN = Plain()
formats: dict[str, Format] = {
    each.name: each for each in (PLAIN, Markdown(), Html(), Pdf(), Docx(), Eml(), Csv(), Jsonl(), Zip())
}  # fmt: skip

SIGNATURES = (
    (b"\x89PNG", "a PNG picture"), (b"\xff\xd8\xff", "a JPEG picture"), (b"GIF8", "a GIF picture"), (b"II*\0", "a TIFF picture"),
    (b"MM\0*", "a TIFF picture"), (b"\xd0\xcf\x11\xe0", "an old or encrypted Office file"), (b"{\\rtf", "an RTF file"),
    (b"%!PS", "a PostScript file"), (b"\x1f\x8b", "packed with gzip"), (b"7z\xbc\xaf", "a 7-Zip archive"), (b"Rar!\x1a", "a RAR archive"),
    (b"BZh", "packed with bzip2"), (b"\xfd7zXZ", "packed with xz"), (b"\x7fELF", "a program"), (b"MZ", "a program"),
    (b"SQLite format 3\0", "a SQLite database"),
)  # fmt: skip
"""How files begin that people take for documents, but that nothing here reads."""
MARKUP = (b"{\\rtf", b"%!PS")
"""Of these, those that are text."""
BINARY = "binary data"


def known_kinds() -> str:
    """The kinds that can be read, for a hint."""
    return f"kinds that are read: {', '.join(formats)}"


def choose(name: str, content: bytes) -> tuple[Format, tuple[str, ...]]:
    """The kind of a file, by its ending, proven by its content; with a note where the two do not agree.

    Raises:
        UnreadableFileError: of no kind that is known, or not of the kind that it is named after.
    """
    end = ending(name)
    named = next((each for each in formats.values() if end in each.endings), None)
    sure = next((each for each in formats.values() if not each.text and each.sniffs(content)), None)
    if sure is not None:
        return sure, () if sure is named else (_disagreement(sure, named, end),)
    if named is None:
        return _sniffed(content, end)
    if named.text:
        if not is_utf8(content) and not looks_like_text(content):
            raise UnreadableFileError(f"the file is not text; it seems to be {_seems(content)}", hint=known_kinds())
    elif (seems := _seems(content)) != BINARY:  # what is only damaged gets its reason from the kind itself
        message = f"the file is no {named.title.split(' ', 1)[1]}; it seems to be {seems}"
        raise UnreadableFileError(message, hint="check the file, or name it after what it is")
    return named, ()


def _disagreement(sure: Format, named: Format | None, end: str) -> str:
    if not end:
        return f"by its content it is {sure.title}"
    return f"by its content it is {sure.title}, not {named.title if named else f'what the ending .{end} says'}"


def _sniffed(content: bytes, end: str) -> tuple[Format, tuple[str, ...]]:
    if _signed(content) or not looks_like_text(content):
        raise UnreadableFileError(f"files of this kind are not read; it seems to be {_seems(content)}", hint=known_kinds())
    kind = _text_kind(content)
    return kind, (f"{f'the ending .{end} is not known' if end else 'the name has no ending'}: read as {kind.title}",)


def _seems(content: bytes) -> str:
    """In words, what this is."""
    return _signed(content) or (_text_kind(content).title if looks_like_text(content) else BINARY)


def _text_kind(content: bytes) -> Format:
    return next((each for each in formats.values() if each.text and each.sniffs(content)), PLAIN)


def _signed(content: bytes) -> str | None:
    """What a signature tells; most are words as well, with which a text may begin."""
    found = next(((signature, what) for signature, what in SIGNATURES if content.startswith(signature)), None)
    if found is None or (found[0] not in MARKUP and is_utf8(content) and looks_like_text(content)):
        return None
    return found[1]
