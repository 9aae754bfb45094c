import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

Command = Callable[..., Any]
KEYS = {"dataset", "version", "lines", "added", "duplicates", "problems", "samples", "entities", "relations", "ungrounded"}


def test_good_lines_arrive_and_bad_ones_are_named(command: Command, annotated_file: Path) -> None:
    with annotated_file.open("a") as file:
        file.write('{"text": "cut\n')
    done = command("import", "machines", annotated_file, "--json")
    assert done.status == 0
    assert set(done.document) >= KEYS
    assert (done.document["lines"], done.document["added"]) == (31, 30)
    assert [set(problem) for problem in done.document["problems"]] == [{"line", "message", "hint"}]
    assert done.document["problems"][0]["line"] == 31
    again = command("import", "machines", annotated_file, "--json").document
    assert (again["added"], again["duplicates"], again["version"]) == (0, 30, done.document["version"])


def test_a_dry_run_writes_nothing(command: Command, annotated_file: Path) -> None:
    done = command("import", "machines", annotated_file, "--dry-run", "--json").document
    assert (done["added"], done["version"]) == (30, None)
    said = command("import", "machines", annotated_file, "--dry-run")
    assert "would add" in said.out
    assert command("export", "machines", annotated_file.with_name("out.jsonl")).status == 1


def test_people_read_the_problems_in_lines(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "bad.jsonl"
    file.write_text("\n".join(["[]"] * 25))
    said = command("import", "machines", file).out
    assert said.count("\nline ") == 20
    assert "and 5 more" in said


def test_an_export_comes_back_as_it_was(command: Command, annotated_file: Path, tmp_path: Path) -> None:
    command("import", "machines", annotated_file)
    there = tmp_path / "out.jsonl"
    done = command("export", "machines", there, "--format", "native", "--json")
    assert (done.status, done.document["samples"]) == (0, 30)
    assert len([json.loads(line) for line in there.read_text().splitlines()]) == 30
    assert command("import", "machines", there, "--json").document["added"] == 0


def test_what_cannot_be_read_or_written_is_refused(command: Command, annotated_file: Path, tmp_path: Path) -> None:
    for words in (
        ("import", "machines", tmp_path / "nothing.jsonl"), ("import", "../machines", annotated_file), ("import", "machines", tmp_path),
        ("import", "machines", annotated_file, "--domain", "nothing"), ("import", "machines", annotated_file, "--format", "nothing"),
        ("export", "nothing", tmp_path / "out.jsonl"),
    ):  # fmt: skip
        done = command(*words, "--json")
        assert (done.status, done.out) == (1, ""), words
        assert done.err.startswith("error: ")
