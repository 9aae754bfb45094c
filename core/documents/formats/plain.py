"""Text files: what stands in them is the document."""

from collections.abc import Iterator

from core.documents.encoding import decode
from core.documents.formats.base import Document, File, Item


class Plain:
    """The text as it is."""

    name = "txt"
    endings: tuple[str, ...] = ("txt", "text", "log")
    title = "a text file"
    text = True

    def sniffs(self, content: bytes) -> bool:
        """Nothing marks a text file."""
        return False

    def read(self, file: File) -> Iterator[Item]:
        """One document."""
        text, encoding, notes = decode(file.content)
        yield Document(text, encoding=encoding, notes=notes)


class Markdown(Plain):
    """Markdown is made to be read as it is."""

    name = "md"
    endings: tuple[str, ...] = ("md", "markdown")
    title = "a Markdown file"
