"""The registry of file formats: adding one is one file and one line here."""

from core.datasets.formats.base import Format
from core.datasets.formats.native import Native
from core.errors import UnknownNameError

AUTO = "auto"

formats: dict[str, Format] = {each.name: each for each in (Native(),)}


def format_of(name: str) -> Format:
    """The format of that name.

    Raises:
        UnknownNameError: no such format; the hint lists those that exist.
    """
    if name not in formats:
        raise UnknownNameError.of("format", name, [*formats, AUTO])
    return formats[name]


def detect(head: bytes, file_name: str) -> Format:
    """The format a file seems to have; native where none claims it, as its messages name every line."""
    others = (each for each in formats.values() if each.name != Native.name and each.sniffs(head, file_name))
    return next(others, formats[Native.name])
