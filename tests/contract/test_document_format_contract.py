"""What every kind of file keeps to, whichever it is."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.documents.formats.base import Broken, Document, File, Format, Part
from core.documents.formats.formats import formats
from core.documents.limits import Limits
from core.documents.reading import ReadDocument, Upload, read_files
from core.errors import UnreadableFileError
from tests.core.documents.made_files import archive, docx, mail, pdf

ROOT = Path(__file__).parents[2]
WORDS = "The hydraulic pump drives the valve."
GOOD = {
    "txt": WORDS.encode(),
    "md": f"# Pumps\n\n{WORDS}".encode(),
    "html": f"<!DOCTYPE html><html><body><p>{WORDS}</p></body></html>".encode(),
    "pdf": pdf([WORDS, "second page"], compress=True),
    "docx": docx(WORDS, "second paragraph"),
    "eml": mail(WORDS, attached=[("notes.txt", b"attached")]),
    "csv": f"part,text\npump,{WORDS}\nvalve,second row\n".encode(),
    "jsonl": f'{{"text": "{WORDS}"}}\n{{"text": "second line"}}\n'.encode(),
    "zip": archive(("a.txt", WORDS.encode()), ("b.txt", b"second file")),
}


@pytest.fixture(params=list(formats))
def kind(request: pytest.FixtureRequest) -> Format:
    return formats[request.param]


def file(kind: Format, content: bytes) -> File:
    return File(name=f"a.{kind.endings[0]}", content=content, limits=Limits())


def test_its_words_come_out(kind: Format) -> None:
    found = list(read_files([Upload(f"a.{kind.endings[0]}", GOOD[kind.name])]))
    assert all(isinstance(each, ReadDocument) for each in found)
    assert isinstance(found[0], ReadDocument) and WORDS in found[0].text


def test_every_ending_of_it_leads_to_it_and_to_no_other(kind: Format) -> None:
    assert kind.endings
    for ending in kind.endings:
        assert ending == ending.lower() and "." not in ending
        assert [each.name for each in formats.values() if ending in each.endings] == [kind.name]
        found = next(read_files([Upload(f"A.{ending.upper()}", GOOD[kind.name])]))
        assert isinstance(found, ReadDocument)
        assert found.notes == (("other columns left out: part",) if kind.name == "csv" else ())


def test_it_gives_the_same_items_every_time(kind: Format) -> None:
    def items() -> list[object]:
        return [each.name if isinstance(each, Part) else each for each in kind.read(file(kind, GOOD[kind.name]))]

    assert items() == items() != []


def test_a_kind_that_is_not_text_knows_its_own_and_no_other(kind: Format) -> None:
    taken = {name for name, content in GOOD.items() if kind.sniffs(content)}
    expected = {"txt": set(), "md": set(), "csv": set(), "zip": {"zip", "docx"}}
    assert taken == expected.get(kind.name, {kind.name})


@given(content=st.binary(max_size=200))
def test_sniffing_never_raises(content: bytes) -> None:
    for kind in formats.values():
        for beginning in (b"", GOOD[kind.name][:60]):
            assert kind.sniffs(beginning + content) in (True, False)


@pytest.mark.parametrize("part", [1, 2, 3, 4, 5, 6, 7, 8, 9])
def test_a_file_torn_anywhere_is_read_or_named_and_the_next_is_read(kind: Format, part: int) -> None:
    content = GOOD[kind.name]
    torn = content[: len(content) * part // 10]
    flipped = bytearray(content)
    flipped[len(content) * part // 10] ^= 0xFF
    files = [Upload(f"a.{kind.endings[0]}", torn), Upload(f"b.{kind.endings[0]}", bytes(flipped)), Upload("last.txt", b"last")]
    *found, last = read_files(files)
    assert {each.name[0] for each in found} == {"a", "b"}
    assert isinstance(last, ReadDocument) and last.text == "last"


def test_it_raises_nothing_but_what_names_the_file_over_another_kinds_content(kind: Format) -> None:
    for content in GOOD.values():
        try:
            assert all(isinstance(each, Document | Broken | Part) for each in kind.read(file(kind, content)))
        except UnreadableFileError as error:
            assert error.message and error.hint


def test_it_is_known_without_importing_what_it_needs() -> None:
    heavy = "pypdf docx lxml inscriptis charset_normalizer torch dspy streamlit pydantic numpy pandas"
    code = f"import sys, core.documents.worker; print([name for name in '{heavy}'.split() if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
