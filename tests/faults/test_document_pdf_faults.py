"""PDF files that are locked, that loop, or that have too much of everything."""

import zlib
from io import BytesIO

import pytest
from pypdf import PdfReader, PdfWriter

from core.documents.reading import Limits, ReadDocument, UnreadableDocument, Upload, read_files
from tests.core.documents.made_files import CATALOG, assembled, page, pdf, stream
from tests.core.documents.reads import LAST, refused_alone


def encrypted(algorithm: str, password: str) -> bytes:
    writer = PdfWriter()
    writer.append(PdfReader(BytesIO(pdf(["the secret"]))))
    writer.encrypt(user_password=password, owner_password="owner", algorithm=algorithm)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def test_a_pdf_that_needs_a_password_is_named_and_one_that_needs_none_is_read() -> None:
    assert "needs a password" in refused_alone("a.pdf", encrypted("RC4-128", "sesame")).message
    (found,) = read_files([Upload("a.pdf", encrypted("RC4-128", ""))])
    assert isinstance(found, ReadDocument) and found.text == "the secret"
    assert "empty password" in found.notes[0]


def test_a_pdf_encrypted_with_a_part_that_is_missing_says_so() -> None:
    number = "00" * 48
    keys = f"/U <{number}> /O <{number}> /UE <{number[:64]}> /OE <{number[:64]}> /Perms <{number[:32]}>"
    filters = "/CF << /StdCF << /CFM /AESV3 /Length 32 >> >> /StmF /StdCF /StrF /StdCF"
    content = pdf(["x"], extra=f"/Encrypt << /Filter /Standard /V 5 /R 6 /Length 256 /P -4 {keys} {filters} >> /ID [<00> <00>]")
    assert "encrypted" in refused_alone("a.pdf", content).message


def looping() -> dict[str, bytes]:
    form = "<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X {} 0 R >> >> "
    drawn = stream(b"BT /F1 12 Tf (words) Tj ET /X Do")
    cycle = stream(b"/X Do /X Do").replace(b"<< ", form.format(6).encode(), 1)
    doubling = [stream(b"/X Do /X Do").replace(b"<< ", form.format(7 + step).encode(), 1) for step in range(40)]
    return {
        "pages in themselves": assembled([CATALOG, b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 >>"]),
        "a form in itself": assembled([*page(drawn, "/XObject << /X 6 0 R >>"), cycle]),
        "forms that double": assembled(
            [*page(drawn, "/XObject << /X 6 0 R >>"), *doubling, stream(b"").replace(b"<< ", form.format(9).encode(), 1)]
        ),
        "a table before itself": pdf(
            ["words"], extra=f"/Prev {pdf(['words']).rindex(b'xref', 0, pdf(['words']).rindex(b'startxref')):>10}"
        ),
        "a length of itself": assembled(page(b"<< /Length 4 0 R >>\nstream\nBT (words) Tj ET\nendstream")),
        "a stream that swells": assembled(page(_swelling())),
    }


def _swelling() -> bytes:
    packed = zlib.compress(b" " * 400_000_000)
    return b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(packed), packed)


@pytest.mark.parametrize(("name", "content"), looping().items(), ids=list(looping()))
def test_a_pdf_that_loops_is_read_with_a_note_or_named_in_time(name: str, content: bytes) -> None:
    first, last = read_files([Upload("a.pdf", content), LAST], limits=Limits(seconds=15))
    assert isinstance(first, UnreadableDocument) or "words" in first.text
    if isinstance(first, ReadDocument):
        assert first.notes, "something was left out and nothing says so"
    assert isinstance(last, ReadDocument)


def test_a_pdf_of_10_000_pages_is_read_whole() -> None:
    content = pdf([f"page {number}" for number in range(10_000)])
    (found,) = read_files([Upload("a.pdf", content)], limits=Limits(seconds=200))
    assert isinstance(found, ReadDocument) and found.pages == 10_000 and found.text.endswith("page 9999")


def test_a_pdf_with_more_pages_than_allowed_is_refused_with_their_number() -> None:
    assert "has 6 pages; at most 5" in refused_alone("a.pdf", pdf(["words"] * 6), Limits(pages=5)).message
