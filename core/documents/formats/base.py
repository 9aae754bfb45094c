"""What a kind of file is: it tells its own from others, and gives the documents in one file."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from core.documents.limits import Limits


@dataclass(frozen=True, kw_only=True)
class File:
    """One file in memory. `archives` = how many archives it lies in; `known` says whether some kind reads such a file."""

    name: str
    content: bytes
    limits: Limits
    archives: int = 0
    known: Callable[[str, bytes], bool] = lambda name, content: True


class Document(NamedTuple):
    """One text. `place` = where in the file it stands (`#12`); empty = the file is this document."""

    text: str
    place: str = ""
    encoding: str | None = None
    pages: int | None = None
    notes: tuple[str, ...] = ()


class Broken(NamedTuple):
    """A piece that cannot be read, in which case nothing of it is used; the rest of the file can."""

    message: str
    hint: str
    place: str = ""


class Part(NamedTuple):
    """A file in this file. `load` gives its bytes and raises UnreadableFileError where it cannot."""

    name: str
    load: Callable[[], bytes]


Item = Document | Broken | Part


class Format(Protocol):
    """One kind of file. What it needs beyond the standard library is imported when it is first used."""

    name: str
    endings: tuple[str, ...]
    """Of file names, in lower case, without the dot."""
    title: str
    text: bool
    """Whether its files are text, in which case their endings say more than their beginnings."""

    def sniffs(self, content: bytes) -> bool:
        """Whether this is surely of this kind; never raises."""

    def read(self, file: File) -> Iterator[Item]:
        """Its documents, broken pieces and files in it, in their order, always the same ones.

        Raises:
            UnreadableFileError: the file as a whole cannot be read. Whatever else is raised is taken for damage in the file.
        """
