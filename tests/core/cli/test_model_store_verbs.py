from collections.abc import Callable
from pathlib import Path
from typing import Any

Command = Callable[..., Any]


def test_models_are_listed_and_silent_providers_named(command: Command) -> None:
    done = command("models", "list", "--json")
    assert done.status == 0
    assert [(each["provider"], each["model"]) for each in done.document] == [("builtin", "in-context")]
    assert set(done.document[0]) >= {"provider", "model", "capabilities", "context_length", "size_bytes"}
    assert done.err.startswith("note: ollama: ")


def test_a_model_is_tested_by_a_real_call(command: Command) -> None:
    done = command("models", "test", "builtin/in-context", "--json").document
    assert "Paris" in done["answer"]
    assert command("models", "test", "builtin/other").status == 1


def test_a_store_is_checked_and_copied(command: Command, tmp_path: Path) -> None:
    assert command("store", "check", "--json").document == {"ok": True, "problems": []}
    assert command("store", "check").out == "the store is whole\n"
    copy = tmp_path / "copy.db"
    assert command("store", "backup", copy, "--json").document["size_bytes"] == copy.stat().st_size
    assert command("store", "backup", copy).status == 1


def test_verify_works_without_ollama(command: Command) -> None:
    done = command("verify", "--json")
    assert (done.status, done.document["ok"]) == (0, True)
    assert {part["name"] for part in done.document["parts"]} >= {"python", "apsw", "dspy", "store", "ollama", "embedder"}
    assert "hint: ollama: " in command("verify").out


def test_a_runner_without_work_ends(command: Command) -> None:
    done = command("runner", "--idle-exit", 0, "--json")
    assert (done.status, done.document["served"]) == (0, True)


def test_an_attempt_at_nothing_is_refused(command: Command) -> None:
    done = command("attempt", "nothing")
    assert (done.status, done.out) == (1, "")


def test_the_demo_trains_for_real_recognizes_documents_and_reads_one(command: Command) -> None:
    done = command("demo", "--json")
    assert done.status == 0, done.err
    run, reading = done.document["run"], done.document["extracted"]
    assert run["result"]["entity_f1"] > run["baseline"]["entity_f1"]
    assert len(done.document["classified"]) == 12
    assert done.document["right"] >= 11
    text = Path(reading["file"]).read_text(encoding="utf-8")
    assert reading["entities"] and reading["version"] == run["version"]
    assert all(text[each["start"] : each["end"]] == each["text"] for each in reading["entities"])
    again = command("demo")
    assert again.status == 0
    assert "12 documents recognized" in again.out
    assert len(command("runs", "--json").document) == 1
