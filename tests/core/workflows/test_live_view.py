from datetime import UTC, datetime
from typing import Any

from core.records.events import Event, EventType
from core.workflows.live import LiveView, folded


def event(seq: int, kind: EventType, **data: Any) -> Event:
    return Event(
        seq=seq, key=str(seq), event_type=kind, timestamp=datetime(2026, 1, 1, tzinfo=UTC), training_run_id="r", domain="d",
        progress_percent=0, phase=None, message="", data=data,
    )  # fmt: skip


def trial(seq: int, number: int, scores: dict[str, float], *, full: bool = True) -> list[Event]:
    mean = sum(scores.values()) / len(scores)
    told = {"task": "entities", "trial": number, "full": full}
    return [
        event(seq, EventType.EVALUATION_START, **told, demos=number, instructions={"$text": f"hash {number}"}),
        event(seq + 1, EventType.EVALUATION_RESULT, **told, score=mean, f1=mean, samples_evaluated=len(scores), failed=0, scores=scores),
    ]


STORY = [
    *trial(1, 0, {"a": 0.2, "b": 0.5}),
    *trial(3, 1, {"a": 1.0}, full=False),
    *trial(5, 2, {"a": 0.9, "b": 0.4}),
    *trial(7, 3, {"a": 0.8, "b": 0.5}),
]


def test_folding_piece_by_piece_gives_what_folding_at_once_gives() -> None:
    at_once = folded(LiveView(run_id="r"), STORY)
    view = LiveView(run_id="r")
    for each in STORY:
        view = folded(view, [each])
    assert view == at_once
    assert at_once.seq == 8


def test_a_trial_on_a_part_is_never_the_best_and_an_earlier_one_wins_a_tie() -> None:
    task = folded(LiveView(run_id="r"), STORY).tasks["entities"]
    assert task.best is not None
    assert task.best.number == 2
    assert task.best.instructions == "hash 2"
    assert [each.number for each in task.trials] == [1, 2, 3]


def test_samples_that_moved_come_largest_first() -> None:
    moves = folded(LiveView(run_id="r"), STORY).tasks["entities"].moves
    assert [(move.sample_id, round(move.change, 2)) for move in moves] == [("a", 0.7), ("b", -0.1)]


def test_the_sealed_test_adds_no_trial() -> None:
    view = folded(LiveView(run_id="r"), [event(1, EventType.EVALUATION_RESULT, side="result", score=0.9)])
    assert view.tasks == {}
    assert view.seq == 1
