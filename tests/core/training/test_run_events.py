"""What a run tells about itself, in the store and in its log file."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from core.errors import InvalidValueError
from core.records.events import EventType
from core.records.models import Call
from core.records.runs import Phase, RunStatus
from core.training.log_names import log_name
from core.training.phases import SHARES
from core.workbench import Workbench
from core.workflows.evaluate import evaluate_log
from core.workflows.runs import cancel, event_line
from tests.standins.training import FakeModel, builtin_answer, do, furnish, log_of, queue, samples, with_model


@pytest.fixture
def told(bench: Workbench, tmp_path: Path) -> tuple[Workbench, Any, Path]:
    furnish(bench, tmp_path, samples())
    run = do(bench, queue(bench, optimizer="bootstrap", log_path="Auto"))
    assert run.status is RunStatus.COMPLETED
    return bench, run, bench.settings.log_folder / str(run.log_path)


def test_events_are_numbered_without_gap_and_every_natural_key_is_there_once(told: tuple[Workbench, Any, Path]) -> None:
    bench, run, _ = told
    log = log_of(bench, run)
    assert [event.seq for event in log] == list(range(1, len(log) + 1))
    assert len({event.key for event in log}) == len(log)
    assert bench.store.check() == []


def test_prompts_and_answers_stand_whole_in_the_events(told: tuple[Workbench, Any, Path]) -> None:
    bench, run, _ = told
    log = log_of(bench, run)
    sent = [event.data for event in log if event.event_type is EventType.LLM_REQUEST]
    answered = [event.data for event in log if event.event_type is EventType.LLM_RESPONSE]
    assert len(sent) == len(answered) == run.calls
    assert all("source_text" in data["prompt"] and len(data["prompt"]) > 500 for data in sent)
    assert all(isinstance(data["response"], str) and data["response"] for data in answered)
    assert all(data["sample_index"] and data["model"] == "builtin/in-context" for data in answered)
    assert {"prompt", "completion"} == answered[0]["tokens"].keys()
    assert '"$text"' not in "".join(event_line(event) for event in log)


def test_each_phase_keeps_to_its_share_and_progress_never_falls(told: tuple[Workbench, Any, Path]) -> None:
    bench, run, _ = told
    log = log_of(bench, run)
    for event in log:
        if event.phase is not None:
            low, high = SHARES[Phase(event.phase)]
            assert low <= event.progress_percent <= high, event
    percents = [event.progress_percent for event in log]
    assert percents == sorted(percents)
    assert (run.progress_percent, run.remaining_ms) == (100, None)
    assert {state.status for state in run.phases} == {"completed"}
    assert [event.data["phase"] for event in log if event.event_type is EventType.PHASE_CHANGED] == [phase.value for phase in Phase]


def test_the_log_file_is_what_the_store_holds(told: tuple[Workbench, Any, Path]) -> None:
    bench, run, path = told
    assert path.read_text(encoding="utf-8").splitlines() == [event_line(event) for event in log_of(bench, run)]
    keys = ["seq", "event_type", "timestamp", "training_run_id", "domain", "progress_percent", "phase", "message", "data"]
    assert sorted(json.loads(path.read_text().splitlines()[0])) == sorted(keys)
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_run_judged_from_its_log_has_the_figures_of_the_store_even_with_a_torn_end(told: tuple[Workbench, Any, Path]) -> None:
    bench, run, path = told
    summary = evaluate_log(path)
    assert (summary.calls, summary.failures, summary.torn_lines) == (bench.store.count(Call, {"run_id": run.id}), 0, 0)
    scores = [event.data["score"] for event in log_of(bench, run) if event.event_type is EventType.SAMPLE_RESULT]
    known = [score for score in scores if score is not None]
    assert summary.average == pytest.approx(sum(known) / len(known))
    assert (summary.lowest, summary.highest) == (min(known), max(known))
    whole = path.read_bytes()
    last = whole.rstrip(b"\n").rfind(b"\n") + 1
    path.write_bytes(whole[: last + 40])
    torn = evaluate_log(path)
    assert (torn.events, torn.torn_lines) == (summary.events - 1, 1)


def test_the_last_event_says_what_it_cost(told: tuple[Workbench, Any, Path]) -> None:
    bench, run, _ = told
    cost = log_of(bench, run)[-1].data["llm_cost"]
    assert cost == run.cost.model_dump()
    assert cost["total_tokens"] == cost["prompt_tokens"] + cost["completion_tokens"] > 0
    assert (cost["provider"], cost["model"], cost["estimated_cost_usd"]) == ("builtin", "in-context", 0.0)


def test_all_sixteen_types_are_in_use(bench: Workbench, tmp_path: Path) -> None:
    furnish(bench, tmp_path, samples())
    seen: set[EventType] = set()

    def note(run: Any) -> None:
        seen.update(event.event_type for event in log_of(bench, run))

    note(do(bench, queue(bench, optimizer="bootstrap", max_calls=20)))
    failing = FakeModel(lambda request: "nothing of use")
    note(do(with_model(bench, failing), queue(with_model(bench, failing), model="fake/one")))
    answer = builtin_answer()
    stopping: list[str] = []

    def cancelling(request: Any) -> str:
        if len(model.requests) == 6:
            cancel(bench, stopping[0])
            time.sleep(0.6)
        return answer(request)

    model = FakeModel(cancelling)
    stopped = queue(with_model(bench, model), model="fake/one")
    stopping.append(stopped.id)
    note(do(with_model(bench, model), stopped))
    absent = {EventType.RESUMED, EventType.PROGRESS_UPDATE}  # seen where runs are resumed and models are waited for
    assert set(EventType) - seen <= absent, set(EventType) - seen


@pytest.mark.parametrize(
    "name",
    ["../x", "/tmp/x", "a/../../x", "..\\x", "//proc/self/root/etc/passwd", "file:///etc", "%2e%2e%2f", "x\0y", "", ".", "..", "...",
     "x" * 300, "CON", "con.jsonl", "nul.a", "COM1", "lpt9.jsonl", "x.", "x .jsonl", "a\u202eb", "é", "a\nb", "a b"],
)  # fmt: skip
def test_a_log_never_leaves_its_folder(name: str) -> None:
    with pytest.raises(InvalidValueError):
        log_name(name)


def test_plain_names_of_logs_are_kept() -> None:
    assert log_name("run_1.jsonl") == log_name("run_1") == "run_1.jsonl"
    assert log_name("docs_20261120_172246-2") == "docs_20261120_172246-2.jsonl"
