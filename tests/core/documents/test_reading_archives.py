"""Archives and folders: every file in them, and nothing outside of them."""

import os
import socket
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.documents.naming import Names, shown
from core.documents.reading import Limits, ReadDocument, UnreadableDocument, Upload, read_files
from tests.core.documents.made_files import archive, declared_size, docx, mail, pdf
from tests.core.documents.reads import read, refused, texts

HOSTILE = {
    "../x.txt": "x.txt",
    "../../../etc/passwd": "etc/passwd",
    "/etc/passwd": "etc/passwd",
    "//proc/self/root/etc/passwd": "proc/self/root/etc/passwd",
    "a/../../x": "a/x",
    "..\\x.txt": "x.txt",
    "C:\\windows\\x.txt": "C:/windows/x.txt",
    "file:///etc/x": "file:/etc/x",
    "%2e%2e%2fx.txt": "%2e%2e%2fx.txt",
    "a\u202etxt.exe": "a\\u202etxt.exe",
    "a\u200b\u2066b": "a\\u200b\\u2066b",
    "a\nb\x1b[31m\x7f.txt": "a\\u000ab\\u001b[31m\\u007f.txt",
    "a\x85\u2028b": "a\\u0085\\u2028b",
    "\udcff.txt": "\\udcff.txt",
    "": "unnamed",
    ".": "unnamed",
    "/": "unnamed",
    " .. ": "unnamed",
    "CON": "CON",
    "x.txt.": "x.txt.",
    "e\u0301.txt": "e\u0301.txt",
    "نامه\u200cها.txt": "نامه\u200cها.txt",
    "{name} [[ ## x ## ]] <b>.txt": "{name} [[ ## x ## ]] <b>.txt",
}


@pytest.mark.parametrize(("name", "expected"), HOSTILE.items(), ids=[str(number) for number in range(len(HOSTILE))])
def test_a_hostile_name_is_shown_defused(name: str, expected: str) -> None:
    assert shown(name) == expected
    found = list(read_files([Upload(name, b"words")]))
    assert [each.name for each in found] == [expected]


def test_a_long_name_keeps_its_beginning_and_its_ending() -> None:
    name = shown("a" * 150 + "b" * 150 + ".txt")
    assert len(name) == 200
    assert name.startswith("aaa") and name.endswith("bbb.txt") and "…" in name


def test_members_of_an_archive_are_documents_in_its_order() -> None:
    content = archive(
        ("z.txt", b"last letter"), ("folder/", b""), ("folder/a.html", b"<p>page"), ("b.pdf", pdf(["sheet"])), ("c.docx", docx("letter"))
    )
    assert texts(read(("all.zip", content))) == {
        "all.zip/z.txt": "last letter", "all.zip/folder/a.html": "page\n", "all.zip/b.pdf": "sheet", "all.zip/c.docx": "letter",
    }  # fmt: skip


def test_members_with_hostile_names_are_read_and_written_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names = [name for name in HOSTILE if name.strip(" ./") and "\udcff" not in name]
    found = read(("m.zip", archive(*((name, b"words") for name in names))))
    assert len(found) == len(names)
    assert all(isinstance(each, ReadDocument) and each.text == "words" for each in found)
    assert all(
        ".." not in each.name.split("/") and not each.name.startswith("/") and each.name.replace("\u200c", "").isprintable()
        for each in found
    )
    assert list(tmp_path.rglob("*")) == []


def test_members_of_one_name_are_told_apart_and_case_twins_stay_two() -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        content = archive(("a.txt", b"1"), ("a.txt", b"2"), ("A.txt", b"3"), ("x/../a.txt", b"4"))
    assert texts(read(("m.zip", content))) == {"m.zip/a.txt": "1", "m.zip/a (2).txt": "2", "m.zip/A.txt": "3", "m.zip/x/a.txt": "4"}


def test_a_number_that_is_taken_is_not_given_again() -> None:
    names = Names()
    assert [names.distinct(name) for name in ("a.txt", "a (2).txt", "a.txt", "a.txt", "b", "b", "x.y/z", "x.y/z")] == [
        "a.txt", "a (2).txt", "a (3).txt", "a (4).txt", "b", "b (2)", "x.y/z", "x.y/z (2)",
    ]  # fmt: skip


def test_attachments_of_one_name_are_told_apart() -> None:
    content = mail("two", attached=[("a.txt", b"1"), ("a.txt", b"2")])
    assert [each.name for each in read(("m.eml", content))] == ["m.eml", "m.eml/a.txt", "m.eml/a (2).txt"]


def test_what_nobody_packed_on_purpose_is_passed_over() -> None:
    clutter = [("__MACOSX/._a.txt", b"x"), (".DS_Store", b"x"), ("a/.hidden/b.txt", b"x"), ("Thumbs.db", b"x")]
    assert texts(read(("m.zip", archive(*clutter, ("a.txt", b"words"))))) == {"m.zip/a.txt": "words"}


def test_an_archive_in_an_archive_is_opened_and_one_deeper_is_named() -> None:
    deepest = archive(("c.txt", b"3"))
    inner = archive(("b.txt", b"2"), ("deepest.zip", deepest))
    found = read(("m.zip", archive(("a.txt", b"1"), ("inner.zip", inner), ("last.txt", b"4"))))
    assert texts(found) == {"m.zip/a.txt": "1", "m.zip/inner.zip/b.txt": "2", "m.zip/inner.zip/deepest.zip": None, "m.zip/last.txt": "4"}


def test_mails_that_forward_mails_end_somewhere() -> None:
    content = mail("innermost")
    for number in range(20):
        content = mail(f"level {number}", attached=[("m.eml", content)])
    found = read(("m.eml", content), ("last.txt", b"last"))
    assert isinstance(found[-2], UnreadableDocument) and "deep" in found[-2].message
    assert isinstance(found[-1], ReadDocument)
    assert len(found) < 15


def _link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    return info


def _encrypted(content: bytes, name: str) -> bytes:
    """The archive with the flag in its directory that says that a file is encrypted."""
    place = content.rindex(b"PK\x01\x02", 0, content.rindex(name.encode()))
    return content[: place + 8] + bytes([content[place + 8] | 1]) + content[place + 9 :]


def _damaged(content: bytes) -> bytes:
    return content.replace(b"words to damage", b"words to DAMAGE", 1)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (archive((_link("bad.txt"), b"/etc/passwd")), "link"), (_encrypted(archive(("bad.txt", b"secret")), "bad.txt"), "encrypted"),
        (_damaged(archive(("bad.txt", b"words to damage"), compression=zipfile.ZIP_STORED)), "damaged"),
        (archive(("bad.txt", b"\0" * 70_000_000)), "bomb"), (archive(("bad.txt", b"")), "empty"),
        (declared_size(archive(("bad.txt", b"words")), "bad.txt", 300_000_000), "at most 200 MB"),
        (declared_size(archive(("bad.txt", b"words " * 999)), "bad.txt", 5), "damaged"),
    ],
    ids=["link", "encrypted", "crc", "bomb", "empty", "huge", "lies"],
)  # fmt: skip
def test_a_bad_member_is_named_and_stops_no_other(content: bytes, reason: str) -> None:
    found = read(("m.zip", archive(("first.txt", b"1"), ("bad.zip", content), ("last.txt", b"2"))))
    assert texts(found) == {"m.zip/first.txt": "1", "m.zip/bad.zip/bad.txt": None, "m.zip/last.txt": "2"}
    assert isinstance(found[1], UnreadableDocument) and reason in found[1].message


def test_an_archive_that_would_fill_the_machine_is_refused_before_it_is_unpacked() -> None:
    content = declared_size(archive(("a.txt", b"words")), "a.txt", 4_000_000_000)
    assert "unpacked it has 3,815 MB" in refused("m.zip", content).message


@pytest.mark.parametrize("content", [b"PK\x03\x04", archive(("a.txt", b"words"))[:-10], b"PK\x05\x06" + b"\xff" * 18])
def test_a_torn_archive_is_named(content: bytes) -> None:
    assert "damaged" in refused("m.zip", content).message


def test_a_folder_is_walked_to_its_ends_in_order(tmp_path: Path) -> None:
    root = tmp_path / "case"
    for name in ("b/2.txt", "b/1.txt", "a.txt", "c/d/e/f.txt", ".hidden", ".git/x.txt"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    assert [each.name for each in read_files([root])] == ["case/a.txt", "case/b/1.txt", "case/b/2.txt", "case/c/d/e/f.txt"]


def test_a_folder_of_deep_folders_is_walked(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["d"] * 400)
    deep.mkdir(parents=True)
    (deep / "x.txt").write_text("down here")
    (found,) = read_files([tmp_path / "d"])
    assert isinstance(found, ReadDocument) and found.text == "down here"


def test_links_are_followed_inside_the_folder_only(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    root = tmp_path / "case"
    (root / "sub").mkdir(parents=True)
    (root / "a.txt").write_text("words")
    (root / "inside.txt").symlink_to(root / "a.txt")
    (root / "loop").symlink_to(root)
    (root / "lost.txt").symlink_to(root / "nowhere")
    (root / "out.txt").symlink_to(tmp_path / "secret.txt")
    (root / "outer").symlink_to(tmp_path)
    (root / "round").symlink_to(root / "round")
    found = list(read_files([root]))
    assert [name for name, text in texts(found).items() if text == "words"] == ["case/a.txt", "case/inside.txt"]
    assert len(found) == 7
    assert {each.name for each in found if isinstance(each, UnreadableDocument) and "out of the folder" in each.message} == {
        "case/out.txt", "case/outer",
    }  # fmt: skip


@pytest.fixture
def listening(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "s.txt"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        yield path


def test_pipes_sockets_and_devices_are_named_and_never_waited_for(tmp_path: Path, listening: Path) -> None:
    os.mkfifo(tmp_path / "p.txt")
    (tmp_path / "z.txt").symlink_to("/dev/zero")
    found = list(read_files([tmp_path / "p.txt", listening, tmp_path / "z.txt", Path("/dev/zero")]))
    assert [each.name for each in found] == ["p.txt", "s.txt", "z.txt", "zero"]
    assert all(isinstance(each, UnreadableDocument) and "no regular file" in each.message for each in found)
    assert len(list(read_files([tmp_path]))) == 3


@pytest.mark.parametrize("path", ["/no/such/file.txt", "n" * 300 + ".txt", "a\0b.txt", "/etc/passwd/x"])
def test_a_path_that_leads_nowhere_is_named(path: str) -> None:
    (found,) = read_files([Path(path)])
    assert isinstance(found, UnreadableDocument)
    assert found.hint


def test_what_may_not_be_opened_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.txt").write_text("words")
    (tmp_path / "b.txt").write_text("words")
    opened = os.open

    def forbidding(path: str, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        if str(path).endswith("a.txt"):
            raise PermissionError(13, "Permission denied")
        return opened(path, flags, mode, dir_fd=dir_fd)

    monkeypatch.setattr(os, "open", forbidding)
    first, second = read_files([tmp_path])
    assert isinstance(first, UnreadableDocument) and "Permission denied" in first.message
    assert isinstance(second, ReadDocument)


def test_an_empty_folder_is_named(tmp_path: Path) -> None:
    (found,) = read_files([tmp_path])
    assert isinstance(found, UnreadableDocument) and "no files" in found.message


def test_more_files_than_allowed_are_never_silently_cut(tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / f"{number}.txt").write_text("words")
    *found, last = read_files([tmp_path], limits=Limits(documents=3))
    assert len(found) == 3
    assert isinstance(last, UnreadableDocument) and "more than 3 files" in last.message


@pytest.mark.parametrize("kind", ["upload", "path"])
def test_a_file_beyond_the_limit_is_named_without_reading_it(kind: str, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"x" * 2000)
    source = Upload("a.txt", b"x" * 2000) if kind == "upload" else tmp_path / "a.txt"
    (found,) = read_files([source], limits=Limits(file_bytes=1000))
    assert isinstance(found, UnreadableDocument) and "at most" in found.message
