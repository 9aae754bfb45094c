import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.records.domains import Domain, RecognizerGates
from core.store.base import Put
from core.store.stores import open_store

Command = Callable[..., Any]
LENGTHS = {"rising": range(1, 13), "falling": range(12, 0, -1)}


@pytest.fixture
def trained(command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Two domains whose words the fake embedder can tell apart, and one version."""
    monkeypatch.setenv("EMBEDDING_MODEL", "fake")
    for domain, lengths in LENGTHS.items():
        command("domains", "create", domain, "--description", f"Sentences of {domain} words.")
        chance = random.Random(domain)
        texts = [" ".join("".join(chance.choices("abcdefghij", k=length)) for length in lengths) for _ in range(16)]
        rows: list[dict[str, Any]] = [
            {"text": text, "split": "val" if number % 4 == 0 else "train", "entities": []} for number, text in enumerate(texts)
        ]
        path = tmp_path / f"{domain}.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        assert command("import", domain, path, "--domain", domain).status == 0
        command("domains", "ready", domain)
    assert command("recognizer", "train").status == 0
    return command


def test_training_says_losses_accuracy_confusion_and_gates(trained: Command) -> None:
    done = trained("recognizer", "train", "--seed", "3")
    lines = [line.split() for line in done.out.splitlines()]
    assert ["stage", "candidate"] in lines
    assert ["seed", "3"] in lines
    assert ["accuracy", "1.000"] in lines
    assert ["epoch", "training", "loss", "validation", "loss"] in lines
    assert ["falling", "4", "0"] in lines
    assert ["rising", "0", "4"] in lines
    assert ["rising", "accuracy", "1.000", ">=", "0.850", "yes"] in lines
    assert any(line[:3] == ["falling", "latency", "ms"] and line[-1] == "yes" for line in lines)
    assert done.out.endswith("all 8 gates passed\n")
    assert "encoding texts: 32" in done.err.splitlines()


def test_the_document_is_the_record_without_its_weights(trained: Command) -> None:
    shown = trained("recognizer", "show", "--json").document
    assert "weights" not in shown
    assert (shown["stage"], shown["domains"], shown["passed"], shown["seed"]) == ("production", ["falling", "rising"], True, 1)
    assert shown["confusion"] == [[4, 0], [0, 4]]
    assert shown["epochs"][0].keys() == {"epoch", "training", "validation"}
    assert {gate["gate"] for gate in shown["gates"]} == {"min_accuracy", "max_latency_ms", "max_training_loss", "max_validation_loss"}
    assert shown == trained("recognizer", "show", shown["id"], "--json").document


def test_another_version_can_be_taken_into_use_and_back(trained: Command) -> None:
    first = trained("recognizer", "show", "--json").document["id"]
    second = trained("recognizer", "train", "--json").document["id"]
    assert trained("recognizer", "rollback").status == 1
    deployed = trained("recognizer", "deploy", second, "--why", "newer", "--json").document
    assert (deployed["stage"], deployed["why"], deployed["by"]) == ("production", "newer", "person")
    assert trained("recognizer", "rollback").out == f"{first} is at stage production\n"
    listed = {each["id"]: each["stage"] for each in trained("recognizer", "list", "--json").document}
    assert listed == {first: "production", second: "retired"}
    assert trained("recognizer", "list").out.splitlines()[1].split()[:2] == [second, "retired"]


def test_a_gate_that_fails_is_named_with_value_and_threshold(trained: Command, store_url: str) -> None:
    store = open_store(store_url)
    domain = store.get(Domain, "rising")
    assert domain is not None
    store.write([Put(record=domain.model_copy(update={"recognizer_gates": RecognizerGates(max_training_loss=0)}))])
    store.close()
    lines = trained("recognizer", "train").out.splitlines()
    assert [line.split()[:3] for line in lines if line.endswith("  no")] == [["rising", "training", "loss"]]
    assert "<= 0.000" in next(line for line in lines if line.endswith("  no"))
    assert lines[-1] == "8 gates, 1 failed"


def test_without_anything_to_train_on_it_says_what_to_do(command: Command) -> None:
    for words in (("train",), ("show",), ("show", "recognizer-v1"), ("deploy", "recognizer-v1"), ("rollback",)):
        done = command("recognizer", *words)
        assert done.status == 1
        assert "hint: " in done.err
    assert command("recognizer", "list").out == "no recognizer was trained yet\n"
    assert command("recognizer", "train", "--seed", "-1").status == 2
