"""Word files: the text of their body as it stands after all tracked changes, then their notes."""

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from zipfile import BadZipFile, ZipFile

from core.documents.formats.base import Document, File, Item
from core.documents.formats.zip import check_sizes
from core.errors import UnreadableFileError

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
DELETED = (f"{W}del", f"{W}moveFrom")
SILENT = (
    f"{W}pPr", f"{W}rPr", f"{W}tblPr", f"{W}sectPr", f"{W}instrText", "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",
)  # fmt: skip
"""Settings, field codes, and what older programs show in place of a part that is read."""
SIGNS = {f"{W}tab": "\t", f"{W}br": "\n", f"{W}cr": "\n", f"{W}noBreakHyphen": "\u2011"}
_ASIDE = re.compile(r"/word/(header|footer|comments)\d*\.xml")
_NOTES = re.compile(r"/word/(footnotes|endnotes)\d*\.xml")
_WORDS = re.compile(rb"<w:t(?:\s[^>]*)?>[^<]*\S")


class Docx:
    """Paragraphs and tables in their order: a paragraph a line, a row a line with tabs between its cells."""

    name = "docx"
    endings: tuple[str, ...] = ("docx",)
    title = "a Word file"
    text = False

    def sniffs(self, content: bytes) -> bool:
        """An archive with the parts of a Word file."""
        if not content.startswith(b"PK\x03\x04"):
            return False
        try:
            names = ZipFile(BytesIO(content)).namelist()
        except (BadZipFile, ValueError, NotImplementedError, UnicodeDecodeError):
            return False
        return "[Content_Types].xml" in names and any(name.startswith("word/") for name in names)

    def read(self, file: File) -> Iterator[Item]:
        """One document."""
        from docx import Document as opened  # noqa: PLC0415 (text files do without)
        from docx.oxml.parser import parse_xml  # noqa: PLC0415
        from lxml.etree import XMLSyntaxError  # type: ignore[import-untyped]  # noqa: PLC0415

        try:
            with ZipFile(BytesIO(file.content)) as archive:
                check_sizes(archive, file.limits)
            word = opened(BytesIO(file.content))
        except XMLSyntaxError as error:
            hint = "save it again in Word; no paragraph may have more than 10 million characters"
            raise UnreadableFileError(f"the XML of the Word file cannot be read: {error}", hint=hint) from None
        except (KeyError, ValueError, BadZipFile) as error:
            raise UnreadableFileError(f"the Word file is damaged: {error}", hint="open it in Word and save it again as .docx") from None
        if word.element.getroottree().docinfo.internalDTD is not None:
            raise UnreadableFileError("the Word file declares XML entities, which no Word file does", hint="it may be made to do harm")
        body = _Body(word.styles.element)
        body.blocks(word.element.body)
        aside = set()
        for part in word.part.package.iter_parts():
            if _NOTES.fullmatch(part.partname):
                body.blocks(parse_xml(part.blob))
            elif (kind := _ASIDE.fullmatch(part.partname)) and _WORDS.search(part.blob):
                aside.add(f"{kind[1].removesuffix('s')}s left out")
        yield Document("\n".join(body.lines), notes=(*sorted(aside), *sorted(body.lost)))


class _Body:
    """Walks the XML itself: python-docx's paragraphs lack insertions, content controls, text boxes and formulas."""

    def __init__(self, styles: Any) -> None:
        self.lines: list[str] = []
        self.lost: set[str] = set()
        self._hidden_styles = {
            style.get(f"{W}styleId") for style in styles.iter(f"{W}style") if _is_on(style.find(f"{W}rPr/{W}vanish"))
        }  # fmt: skip

    def blocks(self, parent: Any) -> None:
        """Every paragraph and table in an element, whatever else they lie in."""
        for child in parent:
            if child.tag == f"{W}p":
                self._paragraph(child)
            elif child.tag == f"{W}tr":
                self._row(child)
            elif child.tag in DELETED:
                self._lose("deleted text (tracked changes) left out", child)
            elif child.tag not in SILENT:
                self.blocks(child)

    def _row(self, row: Any) -> None:
        if row.find(f"{W}trPr/{W}del") is not None:
            self._lose("deleted text (tracked changes) left out", row)
            return
        outside, cells = self.lines, []
        for cell in row.iter(f"{W}tc"):
            if next(cell.iterancestors(f"{W}tr")) is row:  # those of a table in a cell belong to the cell
                self.lines = []
                self.blocks(cell)
                cells.append("\n".join(self.lines))
        self.lines = outside
        self.lines.append("\t".join(cells))

    def _paragraph(self, paragraph: Any) -> None:
        boxes: list[Any] = []
        style = paragraph.find(f"{W}pPr/{W}pStyle")
        if style is not None and style.get(f"{W}val") in self._hidden_styles:
            self._lose("hidden text left out", paragraph)
            return
        self.lines.append("".join(self._inline(paragraph, boxes)))
        for box in boxes:
            self.blocks(box)

    def _inline(self, parent: Any, boxes: list[Any]) -> Iterator[str]:
        for child in parent:
            if child.tag in (f"{W}t", f"{MATH}t"):
                yield child.text or ""
            elif child.tag in SIGNS:
                yield SIGNS[child.tag]
            elif child.tag in DELETED:
                self._lose("deleted text (tracked changes) left out", child)
            elif child.tag == f"{W}txbxContent":
                boxes.append(child)
            elif child.tag == f"{W}r" and self._is_hidden(child):
                self._lose("hidden text left out", child)
            elif child.tag not in SILENT:
                yield from self._inline(child, boxes)

    def _is_hidden(self, run: Any) -> bool:
        own = run.find(f"{W}rPr/{W}vanish")
        if own is not None:
            return _is_on(own)
        style = run.find(f"{W}rPr/{W}rStyle")
        return style is not None and style.get(f"{W}val") in self._hidden_styles

    def _lose(self, note: str, element: Any) -> None:
        if any((each.text or "").strip() for each in element.iter(f"{W}t", f"{W}delText")):
            self.lost.add(note)


def _is_on(switch: Any) -> bool:
    return switch is not None and switch.get(f"{W}val", "true") not in ("0", "false", "off")
