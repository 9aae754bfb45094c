"""What a file format is: it reads rows in the native shape, names lines it cannot read, and writes samples."""

from collections.abc import Iterable, Iterator
from typing import BinaryIO, NamedTuple, Protocol

from core.records.samples import Sample


class Row(NamedTuple):
    """One sample as read, in the shape of a native line (checked later, the same way for every format)."""

    line: int
    raw: bytes
    value: object


class Broken(NamedTuple):
    """A line that cannot be read, in which case nothing of it is used."""

    line: int
    raw: bytes
    message: str
    hint: str


Parsed = Row | Broken


class Format(Protocol):
    """One way to write annotated texts down."""

    name: str
    ending: str
    """What its files usually end in, without the dot."""
    title: str

    def sniffs(self, head: bytes, file_name: str) -> bool:
        """Whether a file that begins like this is probably of this format."""

    def read(self, file: BinaryIO) -> Iterator[Parsed]:
        """Rows and broken lines in their order, in constant memory where the format allows it.

        Raises:
            UnreadableFileError: the file as a whole is not of this format.
        """

    def write(self, samples: Iterable[Sample], file: BinaryIO) -> int:
        """Write them all; returns how many."""

    def losses(self, samples: Iterable[Sample]) -> tuple[str, ...]:
        """In sentences, what of these samples this format cannot hold; empty = nothing is lost."""
