"""What tests of workflows and of the command line share: a stored prompt version, a file of samples, the command line itself."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from core.cli.main import main
from core.jobs.launch import runner_lease, started
from core.records.models import Message
from core.records.prompts import Demo, PromptPart, PromptVersion, TaskPrompt
from core.records.runs import Scores
from core.store.base import Put
from core.store.owners import alive
from core.store.stores import open_store
from core.workbench import Workbench

NO_OLLAMA = "http://127.0.0.1:9"


@dataclass(frozen=True)
class Done:
    status: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def store_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/workbench.db"


@pytest.fixture
def command(
    store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Callable[..., Done]]:
    """The command line in this process, on a store of its own, without any Ollama. A runner that it started is ended."""
    monkeypatch.setenv("OLLAMA_BASE_URL", NO_OLLAMA)
    monkeypatch.setenv("LOG_FOLDER", str(tmp_path / "logs"))

    def run(*words: Any) -> Done:
        capsys.readouterr()
        status = main([*(str(word) for word in words), "--store", store_url])
        said = capsys.readouterr()
        return Done(status, said.out, said.err)

    yield run
    _end_runner(store_url)


def _end_runner(store_url: str) -> None:
    while started:
        child = started.pop()
        child.terminate()
        child.wait(20)
    if not Path(store_url.removeprefix("sqlite:///")).exists():
        return
    store = open_store(store_url)
    holder = store.lease(runner_lease())
    store.close()
    if holder is not None and holder.live and alive(holder.owner):
        process = psutil.Process(int(holder.owner.split(":")[1]))
        process.terminate()
        process.wait(20)


def prompt_saying(instructions: str, demos: tuple[Demo, ...] = (), field: str = "entities") -> TaskPrompt:
    return TaskPrompt(
        instructions=instructions, demos=demos, messages=(Message(role="system", content=instructions),),
        last=(PromptPart(text="Text: "), PromptPart(field="source_text")), output_field=field, adapter="chat", typed=False,
    )  # fmt: skip


@pytest.fixture
def stored_version() -> Iterator[Callable[..., PromptVersion]]:
    """Writes a version of a domain; one minute later than the one before."""
    made: list[str] = []

    def store(bench: Workbench, domain: str, instructions: str = "List the names.", demos: tuple[Demo, ...] = ()) -> PromptVersion:
        made.append(domain)
        version = PromptVersion.model_validate(
            {
                "id": f"{domain}-v20260101_00{len(made):02d}00", "domain": domain, "created_at": f"2026-01-01T00:{len(made):02d}:00Z",
                "tasks": {"entities": prompt_saying(instructions, demos)}, "model": "builtin/in-context", "scores": Scores(entity_f1=0.5),
            }
        )  # fmt: skip
        bench.store.write([Put(record=version)])
        return version

    yield store


@pytest.fixture
def annotated_file(tmp_path: Path) -> Path:
    """Thirty annotated sentences about machines."""
    path = tmp_path / "machines.jsonl"
    with path.open("w") as out:
        for number in range(30):
            pump, tank = f"pump {number}", f"tank {number * 7 % 30}"
            sentence = f"In hall {number} the {pump} fills the {tank} whenever the level sinks below {number + 3} liters."
            sample = {"text": sentence, "entities": [pump, tank], "relations": [{"subject": pump, "predicate": "fills", "object": tank}]}
            out.write(json.dumps(sample) + "\n")
    return path
