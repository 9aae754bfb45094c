"""Files of every kind, made on the spot: good ones, and ones made to do harm."""

import io
import struct
import zipfile
import zlib
from collections.abc import Sequence
from email.message import EmailMessage

from docx import Document

CATALOG = b"<< /Type /Catalog /Pages 2 0 R >>"


def pdf(pages: Sequence[str], *, extra: str = "", compress: bool = False) -> bytes:
    """A PDF written by hand: one text a page, a line of it every 14 points; `extra` goes into the trailer."""
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        CATALOG,
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for number, text in enumerate(pages):
        page = (
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {5 + 2 * number} 0 R /Resources << /Font << /F1 3 0 R >> >> >>"
        )
        shown = "\n".join(f"({_escaped(line)}) Tj T*" for line in text.split("\n")) if text else ""
        objects += [page.encode(), stream(f"BT /F1 11 Tf 72 720 Td 14 TL\n{shown}\nET".encode("cp1252"), compress=compress)]
    return assembled(objects, extra=extra)


def stream(content: bytes, *, compress: bool = False) -> bytes:
    if compress:
        packed = zlib.compress(content)
        return b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(packed), packed)
    return b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content)


def page(content: bytes, resources: str = "") -> list[bytes]:
    """The objects of a PDF of one page with this content stream, numbered 1 to 5; more may follow."""
    about = f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> {resources} >> >>"
    pages = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
    return [CATALOG, pages, about.encode(), content, b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]


def assembled(objects: Sequence[bytes], *, extra: str = "") -> bytes:
    """Numbered objects with their table; the first one is the catalog."""
    out = io.BytesIO(b"%PDF-1.7\n")
    out.seek(0, io.SEEK_END)
    offsets = []
    for number, content in enumerate(objects, 1):
        offsets.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, content))
    table = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.write(b"".join(b"%010d 00000 n \n" % offset for offset in offsets))
    out.write(f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R {extra} >>\nstartxref\n{table}\n%%EOF\n".encode())
    return out.getvalue()


def _escaped(line: str) -> str:
    return line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def docx(*paragraphs: str, body: str = "", entries: dict[str, bytes] | None = None) -> bytes:
    """A Word file; `body` is XML that comes after the paragraphs, `entries` more files of the package."""
    document = Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    out = io.BytesIO()
    document.save(out)
    return repacked(out.getvalue(), body=body, entries=entries or {}) if body or entries else out.getvalue()


def repacked(content: bytes, *, body: str = "", entries: dict[str, bytes]) -> bytes:
    """A Word file with some XML before the end of its body, and with some of its files replaced or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "word/document.xml":
                data = data.replace(b"<w:sectPr", body.encode() + b"<w:sectPr", 1)
            if name not in entries:
                new.writestr(name, data)
        for name, data in entries.items():
            new.writestr(name, data)
    return out.getvalue()


def mail(text: str | None = None, *, page: str | None = None, subject: str = "Pumps", attached: Sequence[tuple[str, bytes]] = ()) -> bytes:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = subject, "Ann <ann@example.org>", "bob@example.org"
    message["Date"] = "Fri, 20 Nov 2026 10:00:00 +0000"
    if text is not None:
        message.set_content(text)
    if page is not None and text is not None:
        message.add_alternative(page, subtype="html")
    elif page is not None:
        message.set_content(page, subtype="html")
    for name, content in attached:
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()


def archive(*members: tuple[str, bytes] | tuple[zipfile.ZipInfo, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP archive; names may stand twice."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as packed:
        for name, content in members:
            packed.writestr(name, content, compress_type=compression)
    return out.getvalue()


def declared_size(content: bytes, name: str, size: int) -> bytes:
    """An archive whose directory says that a file in it has so many bytes."""
    place = content.rindex(b"PK\x01\x02", 0, content.rindex(name.encode()))
    return content[: place + 24] + struct.pack("<I", size) + content[place + 28 :]
