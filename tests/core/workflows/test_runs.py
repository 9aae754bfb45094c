"""Runs as every face shows them."""

from pathlib import Path

import pytest

from core.errors import StaleRevisionError
from core.records.events import EventType
from core.records.runs import RunNote, RunStatus
from core.workbench import Workbench
from core.workflows.runs import event_line, events, list_runs, newest_events, note_of, run_document, write_note
from tests.standins.training import do, furnish, queue, samples


@pytest.fixture
def docs(bench: Workbench, tmp_path: Path) -> Workbench:
    furnish(bench, tmp_path, samples(train=4, val=2, test=2))
    return bench


def test_runs_are_listed_newest_first_and_by_domain(docs: Workbench, tmp_path: Path) -> None:
    ids = [do(docs, queue(docs, seed=seed)).id for seed in (1, 2, 3)]
    furnish(docs, tmp_path, samples(train=5, val=2, test=2), domain="others")
    other = queue(docs, domain="others", dataset="others")
    assert [run.id for run in list_runs(docs, "docs")] == ids[::-1]
    assert list_runs(docs)[0].id == other.id
    assert [run.id for run in list_runs(docs, "docs", limit=1, offset=1)] == [ids[1]]


def test_a_run_as_a_document_has_its_numbers_or_says_that_they_are_unknown(docs: Workbench) -> None:
    queued = run_document(queue(docs))
    assert queued["status"] == "pending"
    assert queued["result"]["score"] is queued["gain"]["test"] is queued["error"] is queued["remaining_ms"] is None
    done = run_document(do(docs, queued["run_id"]))
    assert done["status"] == "completed"
    assert (done["progress_percent"], done["remaining_ms"], done["usd"]) == (100, None, 0.0)
    assert done["calls"] > 0 and done["tokens"] > 0 and done["elapsed_ms"] > 0
    assert done["failures"] == {"calls": 0, "parses": 0}
    assert 0 <= done["result"]["entity_f1"] <= 1


def test_the_log_is_read_from_any_number_on_and_from_its_end(docs: Workbench) -> None:
    run = do(docs, queue(docs))
    whole = list(events(docs, run.id))
    assert list(events(docs, run.id, after=whole[-4].seq)) == whole[-3:]
    assert newest_events(docs, run.id, limit=3) == whole[:-4:-1]
    assert newest_events(docs, run.id, before=3, limit=9) == whole[1::-1]
    kinds = newest_events(docs, run.id, limit=500, types=(EventType.LLM_RESPONSE,))
    assert len(kinds) == run.calls
    assert all("\n" not in event_line(event) for event in whole)


def test_a_note_is_kept_and_a_stale_one_is_refused(docs: Workbench) -> None:
    run = queue(docs)
    assert note_of(docs, run.id) == RunNote(run_id=run.id)
    write_note(docs, RunNote(run_id=run.id, note="try more demos", tags=("first",)))
    mine = note_of(docs, run.id)
    write_note(docs, mine.model_copy(update={"note": "done"}))
    with pytest.raises(StaleRevisionError):
        write_note(docs, mine.model_copy(update={"note": "something else"}))
    assert note_of(docs, run.id).note == "done"
    assert list_runs(docs)[0].status is RunStatus.PENDING, "a note changes no run"
