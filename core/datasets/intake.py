"""From rows of a file to samples of a dataset: checked, without duplicates, each with its split; problems by line."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from core.datasets.formats.base import Broken, Parsed
from core.datasets.placing import Placement, place_all, place_next
from core.datasets.schemas import check_schema
from core.datasets.split import Quota
from core.datasets.staging import Stage
from core.datasets.validate import Draft, read_sample
from core.datasets.versions import signature
from core.errors import InvalidValueError
from core.records.datasets import ImportProblem, SplitCounts
from core.records.domains import Schema
from core.records.samples import Sample, Split

BATCH = 8_000
"""Samples that are looked up, and written, together: many, as each write touches most pages of the indexes of hashes."""
BATCH_BYTES = 8_000_000
BUFFER = 5_000
"""Up to so many new samples a file gets near-duplicates looked for and its splits chosen over all of them at once."""
BUFFER_BYTES = 32_000_000
MAX_PROBLEMS = 10_000
MAX_NOTES = 1_000
RAW = 2_000
"""Characters that are kept of a line with a problem."""


@dataclass
class Findings:
    """What an intake has seen so far."""

    lines: int = 0
    added: int = 0
    duplicates: int = 0
    problems: list[ImportProblem] = field(default_factory=list)
    unlisted: int = 0
    notes: list[str] = field(default_factory=list)
    near_duplicates: int | None = None

    def problem(self, line: int, error: InvalidValueError | Broken, raw: bytes) -> None:
        """Name a line, or count it where too many are named already."""
        if len(self.problems) >= MAX_PROBLEMS:
            self.unlisted += 1
            return
        text = raw[: RAW * 4].decode("utf-8", "replace").rstrip("\r\n")[:RAW]
        self.problems.append(ImportProblem(line=line, message=error.message, hint=error.hint, raw=text))

    def note(self, note: str) -> None:
        """Add a note; of very many, only that there are more."""
        if len(self.notes) < MAX_NOTES:
            self.notes.append(note)
        elif len(self.notes) == MAX_NOTES:
            self.notes.append(f"and more: only the first {MAX_NOTES:,} notes are listed")


class Stopped(Exception):
    """The intake was stopped between two batches."""


class Intake:
    """Takes rows in batches. Up to `BUFFER` samples wait for the end of the file; a longer file streams."""

    def __init__(self, stage: Stage, *, held: SplitCounts, others: Callable[[], Iterable[Sample]]) -> None:
        self.findings = Findings()
        self._stage, self._held, self._others = stage, held, others
        self._batch: list[Draft] = []
        self._buffer: list[Draft] = []
        self._waiting: dict[str, Draft] = {}
        self._waiting_ids: set[str] = set()
        self._bytes = [0, 0]
        self._quota: Quota | None = None

    def feed(self, rows: Iterable[Parsed], schema: Schema, beat: Callable[[int], None]) -> None:
        """Take in every row; `beat` is called with the lines so far after each batch, and may raise `Stopped`."""
        for row in rows:
            self.findings.lines += 1
            try:
                if type(row) is Broken:
                    self.findings.problem(row.line, row, row.raw)
                else:
                    self._take(row, schema)
            except InvalidValueError as error:
                self.findings.problem(row.line, error, row.raw)
            if self.findings.lines % BATCH == 0 or self._bytes[0] > BATCH_BYTES:
                self._settle()
                beat(row.line)
        self._settle()
        beat(self.findings.lines)
        if self._quota is None:
            self._place_buffer()
        self.findings.problems.sort(key=lambda problem: problem.line)

    def _take(self, row: Parsed, schema: Schema) -> None:
        draft = read_sample(row.value)  # type: ignore[union-attr]
        check_schema(draft, schema)
        draft.line, draft.raw = row.line, row.raw[: RAW * 4]
        self._batch.append(draft)
        self._bytes[0] += len(row.raw)

    def _settle(self) -> None:
        """Decide what of the batch is new; keep it, or in a stream, write it."""
        batch, self._batch = self._batch, []
        known = self._stage.known([draft.text_hash for draft in batch])
        taken = self._stage.ids([draft.id for draft in batch if draft.id is not None])
        for draft in batch:
            before = known.get(draft.text_hash) or self._waiting.get(draft.text_hash)
            if before is not None:
                self._repeated(draft, before)
            elif draft.id is not None and (draft.id in taken or draft.id in self._waiting_ids):
                self.findings.problem(draft.line, _id_taken(draft.id), draft.raw)
            else:
                self._wait(draft)
        self._bytes = [0, self._bytes[1] + self._bytes[0]]
        if self._quota is not None or len(self._buffer) > BUFFER or self._bytes[1] > BUFFER_BYTES:
            self._stream()

    def _wait(self, draft: Draft) -> None:
        self._waiting[draft.text_hash] = draft
        if draft.id is not None:
            self._waiting_ids.add(draft.id)
        self._buffer.append(draft)

    def _repeated(self, draft: Draft, before: str | Draft) -> None:
        self.findings.duplicates += 1
        if signature(draft) != (before if isinstance(before, str) else signature(before)):
            self.findings.problem(
                draft.line,
                InvalidValueError(
                    "this text is already in the dataset with other annotations",
                    hint="the first ones stay; change them on the annotation page, or delete that sample and import this line again",
                ),
                draft.raw,
            )

    def _stream(self) -> None:
        if self._quota is None:
            self._quota = Quota(self._held)
        quota = self._quota
        self._write([place_next(draft, lock, quota) for draft, lock in self._with_locks()])

    def _place_buffer(self) -> None:
        pairs = self._with_locks()
        placements, self.findings.near_duplicates = place_all(pairs, self._held, self._others)
        self._write(placements)

    def _with_locks(self) -> list[tuple[Draft, Split | None]]:
        locks = self._stage.locks([draft.text_hash for draft in self._buffer])
        for draft in self._buffer:
            lock = locks.get(draft.text_hash)
            if lock is not None and draft.split is not None and draft.split != lock:
                self.findings.note(f"line {draft.line}: asks for {draft.split}, but this text came in as {lock} before and stays so")
        return [(draft, locks.get(draft.text_hash)) for draft in self._buffer]

    def _write(self, placements: list[Placement]) -> None:
        for at in range(0, len(placements), BATCH):
            part = placements[at : at + BATCH]
            self._stage.put([(each.draft, each.split) for each in part], {each.draft.text_hash for each in part if not each.locked})
            self.findings.added += len(part)
        for each in placements:
            if each.note:
                self.findings.note(f"line {each.draft.line}: {each.note}")
        self._buffer.clear()
        self._waiting.clear()
        self._waiting_ids.clear()
        self._bytes[1] = 0


def _id_taken(name: str) -> InvalidValueError:
    return InvalidValueError(f"the id {name!r} belongs to another sample", hint="give the sample another id, or none")
