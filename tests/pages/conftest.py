"""A workbench behind the pages, pages opened by their link, and what they say."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app import chosen, resources
from core.bootstrap import open_workbench
from core.records.runs import TrainingRun
from core.settings import Settings
from core.workbench import Workbench
from core.workflows import samples
from core.workflows.domains import create_domain
from core.workflows.imports import import_samples
from core.workflows.runs import get_run
from core.workflows.train import TrainRequest, train

MAIN = Path(__file__).resolve().parents[2] / "app" / "main.py"


@pytest.fixture
def pages_bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workbench]:
    """The workbench that the pages of this test use; it starts no process of its own."""
    resources.close()
    chosen.choose(
        Settings(store=f"sqlite:///{tmp_path}/w.db", log_folder=tmp_path, embedding_model="fake", ollama_base_url="http://127.0.0.1:9")
    )
    monkeypatch.setattr(resources, "open_workbench", lambda settings: replace(open_workbench(settings), ensure_runner=lambda: None))
    yield resources.workbench()
    resources.close()


@pytest.fixture
def open_page(pages_bench: Workbench) -> Callable[..., AppTest]:
    """Open a page by name and link: `open_page("runs", run="...")`."""

    def opened(page: str, **link: str) -> AppTest:
        at = AppTest.from_file(str(MAIN), default_timeout=30)
        at.switch_page(f"../pages/{page}.py")
        for name, value in link.items():
            at.query_params[name] = value
        at.run()
        assert not at.exception
        return at

    return opened


@pytest.fixture
def said() -> Callable[[AppTest], str]:
    """Every word that a page draws as text, one line each."""

    def words(at: AppTest) -> str:
        drawn = [json.loads(element.proto.json or element.proto.mixed.json) for element in at.get("bidi_component")]
        return "\n".join(word for each in drawn for word in _words(each["nodes"]))

    return words


def _words(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, list):
        for each in node:
            yield from _words(each)
    else:
        yield from _words(node.get("in", []))


@pytest.fixture
def train_here(pages_bench: Workbench, tmp_path: Path, run_attempt_here: Callable[[Workbench, str], Any]) -> Callable[..., TrainingRun]:
    """A finished run of a small part of a sample domain: `train_here(seed=1)`; `do=False` leaves it queued."""
    lines = (samples.FOLDER / "clinical_notes" / "samples.jsonl").read_text(encoding="utf-8").splitlines()
    small = tmp_path / "small.jsonl"
    small.write_text("\n".join(lines[:30]), encoding="utf-8")
    create_domain(pages_bench, "notes", "Short notes that physicians write about their patients.")
    import_samples(pages_bench, dataset="notes", source=small, domain="notes")

    def trained(*, do: bool = True, **options: Any) -> TrainingRun:
        request = TrainRequest(domain="notes", dataset="notes", optimizer=options.pop("optimizer", "labeled_few_shot"), **options)
        run = train(pages_bench, request)
        if do:
            run_attempt_here(pages_bench, run.id)
        return get_run(pages_bench, run.id)

    return trained
