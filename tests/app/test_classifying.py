from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest

from app.classifying import Job, Pile
from core.embeddings.base import Vectors
from core.embeddings.fake import FakeEmbedder
from core.errors import ModelUnavailableError
from core.workbench import Workbench
from core.workflows.classify import override
from core.workflows.documents import Upload
from core.workflows.domains import create_domain, set_ready


class Shaky(FakeEmbedder):
    """Does what `asked` says before it encodes."""

    def __init__(self, asked: Callable[[], None]) -> None:
        super().__init__()
        self.asked = asked

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.asked()
        return super().encode(texts)


def uploads(first: int, last: int) -> list[Upload]:
    return [Upload(f"note-{number}.txt", f"The pump number {number} was oiled.".encode()) for number in range(first, last)]


def files(pile: Pile) -> list[str]:
    return [row.file for row in pile.rows]


def ended(job: Job) -> None:
    assert job.thread is not None
    job.thread.join(120)
    assert not job.running


@pytest.fixture
def ready_bench(bench: Workbench) -> Iterator[Workbench]:
    create_domain(bench, "pumps", "Notes of engineers about pumps, valves and their repair.")
    set_ready(bench, "pumps")
    yield replace(bench, embedder=FakeEmbedder())


def test_what_was_brought_is_recognized_and_let_go(ready_bench: Workbench) -> None:
    pile = Pile()
    pile.add(ready_bench, uploads(0, 3))
    ended(pile)
    assert files(pile) == ["note-0.txt", "note-1.txt", "note-2.txt"]
    assert (pile.sources, pile.error) == ((), None)
    assert pile.seconds > 0


def test_an_error_loses_nothing_that_was_brought(ready_bench: Workbench) -> None:
    def fail() -> None:
        raise ModelUnavailableError("the embedder is gone", hint="start it")

    pile = Pile()
    pile.add(ready_bench, uploads(0, 2))
    ended(pile)
    pile.add(replace(ready_bench, embedder=Shaky(fail)), uploads(2, 4))
    ended(pile)
    assert pile.error is not None
    assert pile.error.message == "the embedder is gone"
    assert [source.name for source in pile.sources if isinstance(source, Upload)] == ["note-2.txt", "note-3.txt"]
    pile.add(ready_bench)
    ended(pile)
    assert pile.error is None
    assert files(pile) == [f"note-{number}.txt" for number in range(4)]


def test_files_brought_after_an_error_take_those_before_them_along(ready_bench: Workbench) -> None:
    def fail() -> None:
        raise ModelUnavailableError("the embedder is gone")

    pile = Pile()
    pile.add(replace(ready_bench, embedder=Shaky(fail)), uploads(0, 2))
    ended(pile)
    pile.add(ready_bench, uploads(2, 3))
    ended(pile)
    assert files(pile) == ["note-0.txt", "note-1.txt", "note-2.txt"]


def test_a_fault_that_nobody_foresaw_is_told_and_loses_nothing(ready_bench: Workbench) -> None:
    def fail() -> None:
        raise ZeroDivisionError

    pile = Pile()
    pile.add(replace(ready_bench, embedder=Shaky(fail)), uploads(0, 2))
    ended(pile)
    assert pile.error is not None
    assert "could not be recognized" in pile.error.message
    assert len(pile.sources) == 2


def test_files_may_be_brought_while_others_are_recognized(ready_bench: Workbench) -> None:
    reached, go = Event(), Event()

    def hold() -> None:
        reached.set()
        assert go.wait(60)

    pile = Pile()
    slow = replace(ready_bench, embedder=Shaky(hold))
    pile.add(slow, uploads(0, 2))
    assert reached.wait(60)
    pile.add(slow, uploads(2, 5))
    go.set()
    ended(pile)
    assert files(pile) == [f"note-{number}.txt" for number in range(5)]
    assert not pile.sources


def test_a_stop_keeps_what_is_left_for_going_on(ready_bench: Workbench) -> None:
    pile = Pile()
    stopping = replace(ready_bench, embedder=Shaky(pile.stop.set))
    pile.add(stopping, uploads(0, 100))
    ended(pile)
    assert len(pile.rows) < 100
    assert len(pile.sources) == 100
    pile.add(ready_bench)
    ended(pile)
    assert files(pile) == [f"note-{number}.txt" for number in range(100)]


def test_a_correction_reaches_every_row_of_the_document(ready_bench: Workbench) -> None:
    pile = Pile()
    pile.add(ready_bench, [Upload("a.txt", b"the same text"), Upload("b.txt", b"the same text"), Upload("c.txt", b"another")])
    ended(pile)
    document = pile.rows[0].document
    assert document is not None
    before = pile.changes
    pile.correct(override(ready_bench, [document.id], "pumps"))
    assert [row.classification.overridden for row in pile.rows if row.classification] == [True, True, False]
    assert pile.changes > before


def test_files_done_are_counted_and_never_more_than_were_recognized(ready_bench: Workbench, tmp_path: Path) -> None:
    counts: list[int] = []
    pile = Pile()
    pile.add(replace(ready_bench, embedder=Shaky(lambda: counts.append(pile.done))), uploads(0, 70))
    ended(pile)
    assert counts[0] == 0  # thirty-two are read ahead by then
    assert max(counts) <= 70
    assert counts == sorted(counts)
