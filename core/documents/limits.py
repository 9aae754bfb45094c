"""What one file may take of time, memory and room before it is given up."""

from dataclasses import dataclass

MB = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Limits:
    """All of them hold for one file; a file in an archive or attached to a mail is one of its own, unless said otherwise."""

    seconds: float = 60.0
    """For one file."""
    archive_seconds: float = 3600.0
    """For a file with all that lies in it."""
    memory_bytes: int = 1024 * MB
    """Address space of the process that reads."""
    file_bytes: int = 200 * MB
    unpacked_bytes: int = 2048 * MB
    """All that lies in one archive, unpacked; it is never unpacked at once."""
    unpacked_ratio: int = 200
    """How many times larger than packed a piece above 64 MB may be. Text shrinks to a tenth, deflate's utmost is a 1032nd."""
    documents: int = 100_000
    """Rows of a table, lines of JSON, files of an archive or folders together."""
    line_bytes: int = 32 * MB
    """One line of JSON."""
    pages: int = 20_000
