"""Archives: each file in them is read as if it came alone. They are never unpacked to a disk."""

import stat
from collections.abc import Iterator
from functools import partial
from io import BytesIO
from zipfile import BadZipFile, ZipFile, ZipInfo

from core.documents.formats.base import File, Item, Part
from core.documents.limits import MB, Limits
from core.documents.naming import Names, shown
from core.errors import UnreadableFileError

DEEPEST = 2
"""An archive may lie in an archive, but in no third one."""
SMALL = 64 * MB
"""Bytes below which no piece is a bomb, however well it packs."""
NO_DOCUMENTS = ("__MACOSX", "Thumbs.db", "desktop.ini")
OFFICE = {"xl/workbook.xml": "an Excel workbook", "ppt/presentation.xml": "a PowerPoint file", "META-INF/container.xml": "an e-book"}
OPEN_DOCUMENT = "mimetype"


class Zip:
    """What archives are full of without anybody's asking (folders, hidden files) is passed over."""

    name = "zip"
    endings: tuple[str, ...] = ("zip",)
    title = "a ZIP archive"
    text = False

    def sniffs(self, content: bytes) -> bool:
        """The mark of a first file, or of the end of an empty archive."""
        return content.startswith((b"PK\x03\x04", b"PK\x05\x06"))

    def read(self, file: File) -> Iterator[Item]:
        """The files in it, in the archive's order; two of the same name get a number."""
        if file.archives >= DEEPEST:
            raise UnreadableFileError("an archive in an archive in an archive is not opened", hint="unpack the outer ones first")
        try:
            archive = ZipFile(BytesIO(file.content))
        except (BadZipFile, ValueError, NotImplementedError) as error:
            raise UnreadableFileError(f"the archive is damaged: {error}", hint="pack it again") from None
        members = [each for each in archive.infolist() if not each.is_dir() and not _is_clutter(each.filename)]
        _check_is_archive(archive)
        _check_total(archive, file.limits)
        if len(members) > file.limits.documents:
            raise UnreadableFileError(
                f"the archive holds {len(members):,} files; at most {file.limits.documents:,} are read", hint="split it into several"
            )
        names = Names()
        for member in members:
            yield Part(names.distinct(shown(member.filename)), partial(_unpacked, archive, member, file.limits))


def check_sizes(archive: ZipFile, limits: Limits) -> None:
    """Refuse what would take too much room when unpacked, before anything is.

    Raises:
        UnreadableFileError: says how large it would be, and what is allowed.
    """
    _check_total(archive, limits)
    for member in archive.infolist():
        _check_member(member, limits)


def _unpacked(archive: ZipFile, member: ZipInfo, limits: Limits) -> bytes:
    if stat.S_ISLNK(member.external_attr >> 16):
        raise UnreadableFileError("a symbolic link, which is not followed", hint="pack the file that it leads to")
    if member.flag_bits & 1:
        raise UnreadableFileError("the file is encrypted in its archive", hint="pack it without a password")
    _check_member(member, limits)
    try:
        return archive.read(member)
    except BadZipFile as error:
        raise UnreadableFileError(f"the file is damaged in its archive: {error}", hint="pack it again") from None
    except NotImplementedError:
        raise UnreadableFileError("the file is packed in a way that is not known here", hint="pack it as an ordinary ZIP") from None


def _check_member(member: ZipInfo, limits: Limits) -> None:
    size = member.file_size
    if size > limits.file_bytes:
        raise UnreadableFileError(f"unpacked it has {_mb(size)}; at most {_mb(limits.file_bytes)} are read", hint="split it")
    if size > SMALL and size > limits.unpacked_ratio * member.compress_size:
        times = size // max(member.compress_size, 1)
        raise UnreadableFileError(f"{_mb(size)} packed {times:,} times smaller: a bomb?", hint="pack it again, if it is a document")


def _check_total(archive: ZipFile, limits: Limits) -> None:
    total = sum(member.file_size for member in archive.infolist())
    if total > limits.unpacked_bytes:
        raise UnreadableFileError(f"unpacked it has {_mb(total)}; at most {_mb(limits.unpacked_bytes)} are read", hint="split it")


def _check_is_archive(archive: ZipFile) -> None:
    names = set(archive.namelist())
    kind = next((what for name, what in OFFICE.items() if name in names), None)
    if kind is None and OPEN_DOCUMENT in names and "content.xml" in names:
        kind = "an OpenDocument file"
    if kind:
        raise UnreadableFileError(f"the file is {kind}, which is not read", hint="save it as PDF or text")


def _is_clutter(name: str) -> bool:
    steps = name.replace("\\", "/").split("/")
    return any(step in NO_DOCUMENTS or (step.startswith(".") and step.strip(".")) for step in steps)


def _mb(size: int) -> str:
    return f"{size / MB:,.0f} MB" if size >= 10 * MB else f"{size / MB:,.1f} MB"
