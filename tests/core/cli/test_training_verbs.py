import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.cli.progress import finished
from core.errors import RunError
from core.records.domains import MetricConfig
from core.records.runs import OptimizerSettings, RunStatus, TrainingRun

Command = Callable[..., Any]
ROOT = Path(__file__).parents[3]
RUN = {
    "run_id", "domain", "status", "optimizer", "model", "seed", "phase", "progress_percent", "elapsed_ms", "remaining_ms", "calls",
    "tokens", "usd", "version", "baseline", "result", "gain", "failures", "error",
}  # fmt: skip
SCORES = {"score", "entity_f1", "relation_f1", "precision", "recall", "grounding_rate"}
GAIN = {"validation", "test", "low", "high", "n", "by_luck", "verdict"}
EVENT = {"seq", "event_type", "timestamp", "training_run_id", "domain", "progress_percent", "phase", "message", "data"}
QUICK = ("--optimizer", "labeled_few_shot")


@pytest.fixture
def machines(command: Command, annotated_file: Path) -> Command:
    assert command("domains", "create", "machines", "--description", "Reports about machines in a hall.").status == 0
    assert command("import", "machines", annotated_file, "--domain", "machines").status == 0
    return command


def train(command: Command, *words: Any) -> Any:
    return command("train", "machines", "--dataset", "machines", *QUICK, *words, "--json")


def test_from_training_to_rollback(machines: Command, tmp_path: Path) -> None:
    done = train(machines, "--log", "first")
    assert done.status == 0, done.err
    first = done.document
    assert set(first) >= RUN
    assert (set(first["baseline"]), set(first["result"]), set(first["gain"])) == (SCORES, SCORES, GAIN)
    assert first["status"] == "completed"
    assert "100 %" in done.err
    _run_verbs_tell_of(machines, first)
    _the_same_again_is_not_repeated(machines, first)
    second = train(machines, "--seed", 5).document
    _the_prompt_can_be_read_and_scored(machines, first)
    _versions_can_be_exchanged(machines, first["version"], second["version"])
    compared = machines("compare", first["run_id"], second["run_id"], "--json").document
    assert set(compared) >= {"runs", "settings", "metrics", "samples"}
    assert compared["settings"]["seed"] == [0, 5]
    assert set(compared["samples"]) == {"better", "worse", "same"}
    assert "samples:" in machines("compare", first["run_id"], second["run_id"]).out
    log = machines("evaluate-log", tmp_path / "logs" / "first.jsonl", "--json").document
    assert log["calls"] > 0
    assert log["torn_lines"] == 0
    assert machines("store", "check", "--json").document == {"ok": True, "problems": []}


def _run_verbs_tell_of(command: Command, run: dict[str, Any]) -> None:
    assert command("runs", "machines", "--json").document == [run]
    assert command("run", run["run_id"], "--json").document == run
    assert run["version"] in command("run", run["run_id"]).out
    events = [json.loads(line) for line in command("run", run["run_id"], "--events", "--json").out.splitlines()]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert all(set(event) == EVENT for event in events)
    assert events[-1]["event_type"] == "completed"
    assert command("run", run["run_id"], "--cancel").status == 1


def _the_same_again_is_not_repeated(command: Command, run: dict[str, Any]) -> None:
    again = train(command)
    assert again.document == run
    assert "--force repeats it" in again.err


def _the_prompt_can_be_read_and_scored(command: Command, run: dict[str, Any]) -> None:
    prompt = command("prompt", "machines", "--json").document
    assert prompt["version"] == run["version"]
    assert all(set(message) == {"role", "content"} for message in prompt["entities"] + prompt["relations"])
    only = command("prompt", "machines", "--task", "entities").out
    assert "{source_text}" in only
    assert "=== " not in only
    scored = command("evaluate", "machines", "--dataset", "machines", "--split", "val", "--json").document
    assert set(scored) >= {"domain", "version", "dataset", "split", "samples", "scores", "failures"}
    assert scored["samples"] > 0


def _versions_can_be_exchanged(command: Command, first: str, second: str) -> None:
    stages = {each["version"]: each["stage"] for each in command("versions", "machines", "--json").document}
    assert stages == {first: "production", second: None}
    assert command("deploy", "machines", second, "--why", "try it", "--json").document["why"] == "try it"
    assert command("domains", "show", "machines", "--json").document["version"] == second
    assert command("rollback", "machines", "--json").document["version"] == first
    assert command("deploy", "machines", "nothing").status == 1


def test_an_estimate_starts_nothing(machines: Command) -> None:
    done = machines("estimate", "machines", "--dataset", "machines", "--json")
    assert done.document["calls_at_most"] >= done.document["calls"] > 0
    assert machines("runs", "--json").document == []
    assert "calls" in machines("estimate", "machines", "--dataset", "machines").out


def test_a_detached_run_is_queued_followed_and_cancelled(machines: Command) -> None:
    queued = train(machines, "--detach")
    assert queued.status == 0
    run_id = queued.document["run_id"]
    refused = train(machines, "--seed", 2)
    assert (refused.status, refused.out) == (1, "")
    done = machines("run", run_id, "--follow", "--json")
    assert done.document["status"] == "completed"
    assert machines("run", run_id, "--resume").status == 1


@pytest.mark.parametrize(("status", "hint"), [("failed", "pull it"), ("interrupted", "--resume")])
def test_a_run_that_did_not_get_there_is_an_error_with_its_reason(status: str, hint: str) -> None:
    run = TrainingRun(
        id="machines_20260101_000000", domain="machines", dataset="machines", dataset_version="machines@1", content_hash="",
        optimizer=OptimizerSettings(), metric=MetricConfig(), model="builtin/in-context", status=RunStatus(status),
        error="the model is gone", hint="pull it",
    )  # fmt: skip
    with pytest.raises(RunError, match=run.id) as raised:
        finished(run)
    assert hint in raised.value.hint


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--weights", "0.9", "0.9"), "sum to 1"), (("--log", "../x.jsonl"), "no name for a log"),
        (("--model", "builtin/other"), "no builtin model"),
        (("--optimizer", "nothing"), "no optimizer"), (("--dataset", "nothing"), "no dataset"),
    ],
)  # fmt: skip
def test_what_cannot_be_trained_is_refused_before_it_starts(machines: Command, words: tuple[str, ...], said: str) -> None:
    done = train(machines, *words)
    assert (done.status, done.out) == (1, "")
    assert said in done.err
    assert machines("runs", "--json").document == []


def test_weights_make_a_custom_metric(machines: Command) -> None:
    words = ("--weights", 0.2, 0.8, "--matching", "exact")
    run_id = train(machines, *words, "--detach").document["run_id"]
    assert "custom, exact" in machines("run", run_id).out
    machines("run", run_id, "--follow")


def test_an_unknown_run_or_domain_is_refused(command: Command) -> None:
    for words in (("run", "nothing"), ("runs", "nothing"), ("run", "nothing", "--events"), ("compare", "a", "b"), ("versions", "nothing")):
        done = command(*words, "--json")
        assert (done.status, done.out) == (1, ""), words


def test_ctrl_c_ends_the_following_and_not_the_run(machines: Command, store_url: str) -> None:
    words = [sys.executable, "-m", "core", "train", "machines", "--dataset", "machines", "--store", store_url]
    following = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert following.stderr is not None
    run_id = following.stderr.readline().split(";")[0].removeprefix("run ").strip()
    following.stderr.readline()  # the first event: it follows
    following.send_signal(signal.SIGINT)
    out, err = following.communicate(timeout=60)
    assert (following.returncode, out) == (130, "")
    assert f"run {run_id} goes on" in err
    assert "Traceback" not in err
    assert machines("run", run_id, "--follow", "--json").document["status"] == "completed"
