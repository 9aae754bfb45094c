"""Named sets of samples, their immutable states, and what an import said."""

from datetime import datetime

from pydantic import Field

from core.records.base import Record, Versioned, now
from core.records.samples import Split


class Dataset(Versioned):
    """A named set of samples of at most one domain; `change` counts its states."""

    name: str
    domain: str | None = None
    change: int = 0
    created_at: datetime = Field(default_factory=now)
    deleted: bool = False
    """Its samples are gone; the record stays for the runs that refer to it."""
    staging: bool = False
    """An import is writing rows that nobody sees yet: every other change must wait, as it would publish them."""
    last_import: str | None = None
    """Hash of the stored text that holds the last import's report as JSON."""


class SplitCounts(Record):
    """How many samples each split holds; `none` = kept out of all three."""

    train: int = 0
    val: int = 0
    test: int = 0
    none: int = 0

    @property
    def total(self) -> int:
        """All samples, split or not."""
        return self.train + self.val + self.test + self.none

    def of(self, split: Split | None) -> int:
        """The count of one split."""
        return int(getattr(self, split.value if split else "none"))


class DatasetVersion(Record):
    """An immutable state of a dataset: a change number and the hash of what it held then, never a copy."""

    id: str
    """`{dataset}@{change}`."""
    dataset: str
    change: int
    content_hash: str
    counts: SplitCounts
    entities: int
    relations: int
    created_at: datetime = Field(default_factory=now)
    ungrounded: int = 0
    """Entities whose name is not in the text."""
    types: dict[str, int] = Field(default_factory=dict)
    """Entities per type; those without one under the empty name."""
    predicates: dict[str, int] = Field(default_factory=dict)
    """Relations per predicate."""


class ImportProblem(Record):
    """A line that was not added as it stands, or was added with something missing."""

    line: int
    message: str
    hint: str = ""
    raw: str = ""
    """The line as it was (its first 2,000 characters), to be mended and imported again."""


class ImportReport(Record):
    """What an import did, or would do when it is a preview.

    `lines`, `added`, `duplicates` and `problems` speak of the file; `samples`, `entities`, `relations`, `ungrounded` and
    `splits` of the dataset as it stands afterwards.
    """

    dataset: str
    version: str | None
    lines: int
    added: int
    duplicates: int
    problems: tuple[ImportProblem, ...]
    samples: int
    entities: int
    relations: int
    ungrounded: int
    splits: SplitCounts = SplitCounts()
    near_duplicates: int | None = None
    """Samples that resemble another one; None = not looked for, the file is too large."""
    notes: tuple[str, ...] = ()
    """What else one should know: splits that were not as given, texts that resemble samples of two splits."""
    unlisted: int = 0
    """Problems beyond those that are listed."""
    stopped: bool = False
    """It was stopped: nothing was added."""
