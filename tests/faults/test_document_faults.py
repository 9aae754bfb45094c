"""Files made to take all memory and all time, and readers that die: the bad file is named, the rest is read, nothing is left behind."""

import os
import signal
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from core.documents.formats.formats import formats
from core.documents.limits import MB
from core.documents.reading import Limits, Read, ReadDocument, UnreadableDocument, Upload, read_files
from core.errors import WorkbenchError
from tests.core.documents.made_files import archive, assembled, declared_size, docx, mail, page, pdf, repacked, stream
from tests.core.documents.reads import LAST, refused_alone

ROOT = Path(__file__).parents[2]
WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


@pytest.fixture(scope="module")
def endless() -> bytes:
    """A small PDF whose one page takes minutes."""
    return assembled(page(stream(b"BT /F1 12 Tf " + b"(aaaaaaaa) Tj T* " * 4_000_000 + b"ET", compress=True)))


@pytest.fixture(autouse=True)
def nothing_left_behind() -> Iterator[None]:
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    yield
    assert [child for child in psutil.Process().children(recursive=True) if child.pid not in before] == []


def worker() -> psutil.Process:
    (child,) = [child for child in psutil.Process().children() if "core.documents.worker" in child.cmdline()]
    return child


def test_a_file_that_takes_too_long_is_named_and_the_next_is_read(endless: bytes) -> None:
    assert refused_alone("slow.pdf", endless, Limits(seconds=3)).message == "reading it takes longer than 3 s"


def test_members_around_one_that_takes_too_long_are_all_read_once(endless: bytes) -> None:
    inner = mail("the mail", attached=[("1.txt", b"first"), ("2.pdf", endless), ("3.txt", b"third")])
    content = archive(("a.txt", b"before"), ("b.eml", inner), ("c.pdf", endless), ("d.txt", b"after"))
    found = list(read_files([Upload("m.zip", content), LAST], limits=Limits(seconds=2)))
    assert [(each.name, isinstance(each, ReadDocument)) for each in found] == [
        ("m.zip/a.txt", True),
        ("m.zip/b.eml", True), ("m.zip/b.eml/1.txt", True), ("m.zip/b.eml/2.pdf", False), ("m.zip/b.eml/3.txt", True),
        ("m.zip/c.pdf", False), ("m.zip/d.txt", True), ("last.txt", True),
    ]  # fmt: skip


def test_an_archive_has_a_time_for_all_that_is_in_it(endless: bytes) -> None:
    content = archive(*((f"{number}.pdf", endless) for number in range(50)), ("last.txt", b"never reached"))
    *slow, whole, last = read_files([Upload("m.zip", content), LAST], limits=Limits(seconds=1, archive_seconds=3))
    assert 1 <= len(slow) <= 4
    assert isinstance(whole, UnreadableDocument) and whole.name == "m.zip" and "all that is in it" in whole.message
    assert isinstance(last, ReadDocument)


def test_what_the_caller_does_with_a_document_costs_the_file_no_time() -> None:
    lines = b"".join(b'{"text": "%d %s"}\n' % (number, b"x" * 900) for number in range(2000))  # more than waits in pipes
    reading = read_files([Upload("a.jsonl", lines)], limits=Limits(seconds=2, archive_seconds=2))
    next(reading)
    time.sleep(2.5)
    rest = list(reading)
    assert len(rest) == 1999 and all(isinstance(each, ReadDocument) for each in rest)


@pytest.mark.parametrize("name", ["a.txt", "a.html", "a.csv", "a.jsonl"])
def test_a_file_that_needs_too_much_memory_is_named_and_the_next_is_read(name: str) -> None:
    content = {
        "a.txt": b"word " * 20_000_000,
        "a.html": b"<p>" + b"<b>x</b>" * 2_000_000,
        "a.csv": b'text\n"' + b"word " * 20_000_000 + b'"\n',
        "a.jsonl": b'{"text": "' + b"word " * 20_000_000 + b'"}\n',
    }
    limits = Limits(memory_bytes=180 * MB, line_bytes=150 * MB)
    assert "more than 180 MB of memory" in refused_alone(name, content[name], limits).message


def test_a_reader_that_is_killed_from_outside_is_replaced(endless: bytes) -> None:
    reading = read_files([Upload("first.txt", b"first"), Upload("a.zip", archive(("1.txt", b"1"), ("2.txt", b"2"))), LAST])
    assert isinstance(next(reading), ReadDocument)
    worker().kill()
    found = list(reading)
    assert [each.name for each in found] == ["a.zip", "last.txt"]
    assert isinstance(found[0], UnreadableDocument) and "ended the reader" in found[0].message
    assert isinstance(found[1], ReadDocument)


def test_a_reader_that_crashes_is_named_as_that() -> None:
    reading = read_files([Upload("first.txt", b"first"), Upload("bad.txt", b"x"), LAST])
    next(reading)
    worker().send_signal(signal.SIGSEGV)
    bad, last = reading
    assert isinstance(bad, UnreadableDocument) and "crashed" in bad.message
    assert isinstance(last, ReadDocument)


def test_cancelling_ends_a_file_in_its_middle(endless: bytes) -> None:
    wanted = iter([False] * 8)
    assert list(read_files([Upload("slow.pdf", endless), LAST], cancelled=lambda: next(wanted, True))) == []


def test_closing_the_reading_ends_the_reader() -> None:
    reading = read_files([Upload("a.txt", b"words"), LAST])
    next(reading)
    pid = worker().pid
    reading.close()  # type: ignore[attr-defined]
    assert not psutil.pid_exists(pid)


@pytest.mark.parametrize("busy", [True, False])
def test_the_reader_dies_with_the_workbench(busy: bool, endless: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("words")
    (tmp_path / "b.pdf").write_bytes(endless)
    code = f"""
import sys, psutil
from pathlib import Path
from core.documents.reading import Limits, read_files
reading = read_files([Path({str(tmp_path)!r})], limits=Limits(seconds=2))
next(reading)
print(psutil.Process().children()[0].pid, flush=True)
{"next(reading)" if busy else "input()"}
"""
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert parent.stdout is not None
    reader = psutil.Process(int(parent.stdout.readline()))
    time.sleep(0.3)
    parent.kill()
    parent.communicate()
    while reader.is_running() and reader.status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.05)


def test_the_reader_knows_no_secret_of_the_workbench_and_can_do_little(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "canary-5ecret")
    reading = read_files([Upload("a.txt", b"words"), LAST])
    next(reading)
    child = worker()
    assert set(child.environ()) <= {"LANG", "LC_ALL", "LD_LIBRARY_PATH", "PYTHONPATH", "PYTHONUTF8"}
    assert "canary" not in str(child.cmdline())
    assert child.cwd() == "/"
    assert child.rlimit(psutil.RLIMIT_AS) == (1024 * MB, 1024 * MB)
    assert child.rlimit(psutil.RLIMIT_FSIZE) == (0, 0)
    assert child.rlimit(psutil.RLIMIT_CORE) == (0, 0)
    assert child.rlimit(psutil.RLIMIT_NPROC) == (0, 0)
    assert child.rlimit(psutil.RLIMIT_CPU)[0] < 120
    assert len(list(reading)) == 1


def test_one_reader_reads_many_files() -> None:
    seen = set()
    for _ in read_files(Upload(f"{number}.txt", b"words") for number in range(20)):
        seen.add(worker().pid)
    assert len(seen) == 1


def test_nothing_is_started_for_nothing() -> None:
    before = psutil.Process().children()  # a server or a browser of other tests may be among them
    assert list(read_files([])) == []
    list(read_files([Path("/no/such/file")]))
    assert [child for child in psutil.Process().children() if child not in before] == []


def test_documents_of_a_large_file_are_never_held_together(tmp_path: Path) -> None:
    path = tmp_path / "large.jsonl"
    with path.open("wb") as out:
        for number in range(3000):
            out.write(b'{"text": "%d %s"}\n' % (number, b"x" * 10_000))
    tracemalloc.start()
    count = sum(isinstance(each, ReadDocument) for each in read_files([path]))
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 3000
    assert most < 10 * MB < path.stat().st_size


def test_a_file_that_becomes_shorter_while_it_is_read_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"x" * 50 * MB)

    def shortening() -> Iterator[Path]:
        yield path
        yield tmp_path / "b.txt"

    (tmp_path / "b.txt").write_text("words")
    asked = 0

    def cancelled() -> bool:
        nonlocal asked
        asked += 1
        if asked == 6:
            os.truncate(path, 10)
        return False

    first, second = read_files(shortening(), cancelled=cancelled)
    assert isinstance(first, UnreadableDocument) and "shorter" in first.message
    assert isinstance(second, ReadDocument)


@pytest.mark.parametrize("executable", ["/bin/false", "/no/such/python"])
def test_a_process_that_cannot_start_is_no_fault_of_a_file(executable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", executable)
    with pytest.raises(WorkbenchError, match="does not start") as raised:
        list(read_files([LAST]))
    assert "core.documents.worker" in raised.value.hint


def test_a_word_file_that_is_a_bomb_is_refused_before_it_is_unpacked() -> None:
    assert "bomb" in refused_alone("a.docx", docx("x", entries={"word/media/a.bin": b"\0" * 70_000_000})).message
    assert "at most" in refused_alone("b.docx", declared_size(docx("x", entries={"word/a.bin": b"x"}), "word/a.bin", 300_000_000)).message


def test_a_paragraph_of_a_word_file_beyond_what_its_parser_takes_is_named() -> None:
    assert "10 million characters" in refused_alone("a.docx", docx("words " * 2_000_000)).hint


def test_entities_of_a_word_file_are_not_expanded_and_fetch_nothing(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("canary")
    laughs = '<!ENTITY a "ha">' + "".join(f'<!ENTITY {chr(98 + step)} "{f"&{chr(97 + step)};" * 10}">' for step in range(10))
    for entity in (laughs, f'<!ENTITY k SYSTEM "file://{tmp_path}/secret.txt">'):
        document = f"<!DOCTYPE w [{entity}]><w:document {WORD}><w:body><w:p><w:r><w:t>&k;</w:t></w:r></w:p></w:body></w:document>"
        found = refused_alone("a.docx", repacked(docx("x"), entries={"word/document.xml": document.encode()}))
        assert "canary" not in found.message


def test_entities_of_a_page_are_not_expanded() -> None:
    laughs = '<!ENTITY a "ha">' + "".join(f'<!ENTITY {chr(98 + step)} "{f"&{chr(97 + step)};" * 10}">' for step in range(10))
    (found,) = read_files([Upload("a.html", f"<!DOCTYPE html [{laughs}]><p>&k;</p>".encode())])
    assert isinstance(found, ReadDocument) and len(found.text) < 500


def test_a_page_nested_a_hundred_thousand_deep_is_named() -> None:
    assert "deep" in refused_alone("a.html", b"<div>" * 100_000 + b"words").message


def test_a_paragraph_of_ten_megabytes_is_read_whole() -> None:
    text = "The pump drives the valve. " * 360_000  # Word's XML is refused beyond 10,000,000 characters in one piece
    found: list[Read] = list(
        read_files([Upload("a.txt", text.encode()), Upload("b.docx", docx(text)), Upload("c.html", f"<p>{text}".encode())])
    )
    assert all(isinstance(each, ReadDocument) and each.text.strip() == text.strip() for each in found)


def test_every_kind_is_read_within_the_least_memory_that_can_be_set() -> None:
    files = [Upload("a.txt", b"words"), Upload("a.pdf", pdf(["words"])), Upload("a.docx", docx("words")), Upload("a.eml", mail("words"))]
    found = list(read_files(files, limits=Limits(memory_bytes=64 * MB)))
    assert all(isinstance(each, ReadDocument) for each in found), found
    assert len(formats) == 9
