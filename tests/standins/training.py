"""What tests of training share: a small annotated domain, a run in this process, and a model of one's own."""

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.bootstrap import open_workbench
from core.jobs.attempt import attempt
from core.llm.gateway import Gateway
from core.llm.providers.base import Cancelled
from core.llm.providers.builtin import BuiltinProvider
from core.records.events import Event
from core.records.models import Message, ModelAnswer, ModelInfo, ModelRequest, ProviderStatus
from core.records.runs import TrainingRun
from core.settings import Settings
from core.store.base import Store
from core.training.attempt import Means
from core.training.patience import Patience
from core.training.similarity import semantics_with
from core.workbench import Workbench
from core.workflows.domains import create_domain
from core.workflows.imports import import_samples
from core.workflows.runs import events
from core.workflows.train import TrainRequest, train

SOURCE = Path("config/samples/tech_docs/samples.jsonl")
BUILTIN = "builtin/in-context"
QUICK = Patience(model=0.6, between=0.05, store=0.6, store_between=0.02)
Edit = Callable[[dict[str, Any]], dict[str, Any]]


def samples(train: int = 8, val: int = 4, test: int = 5, *, edit: Edit = lambda sample: sample) -> list[dict[str, Any]]:
    """The first annotated samples of tech_docs, so many per split."""
    wanted, found = Counter({"train": train, "val": val, "test": test}), []
    for line in SOURCE.read_text(encoding="utf-8").splitlines():
        sample = json.loads(line)
        if wanted[sample.get("split")] > 0:
            wanted[sample["split"]] -= 1
            found.append(edit(sample))
    assert not +wanted, f"{SOURCE} has not enough samples: {+wanted} missing"
    return found


def furnish(bench: Workbench, folder: Path, found: list[dict[str, Any]], *, domain: str = "docs") -> None:
    """A domain and a dataset of the same name."""
    path = folder / f"{domain}.jsonl"
    path.write_text("".join(json.dumps(sample) + "\n" for sample in found), encoding="utf-8")
    create_domain(bench, domain, f"Technical documentation of storage software, called {domain}.")
    import_samples(bench, source=path, dataset=domain, domain=domain)


def queue(bench: Workbench, **wishes: Any) -> TrainingRun:
    """A queued run; labeled few-shot with the built-in model where nothing else is said."""
    asked = {"domain": "docs", "dataset": "docs", "optimizer": "labeled_few_shot", "model": BUILTIN, "seed": 1} | wishes
    return train(bench, TrainRequest.model_validate(asked))


def do(
    bench: Workbench, run: TrainingRun | str, *, patience: Patience = QUICK, store: Store | None = None, threads: int = 4
) -> TrainingRun:
    """Do a queued run in this process."""
    means = Means(
        store=store or bench.store, gateway=bench.gateway, semantics=lambda: semantics_with(bench.embedder), threads=threads,
        failure_limit=bench.settings.failure_limit, log_folder=bench.settings.log_folder, patience=patience,
    )  # fmt: skip
    attempt(means, run if isinstance(run, str) else run.id)
    found = bench.store.get(TrainingRun, run if isinstance(run, str) else run.id)
    assert found is not None
    return found


def reopened(settings: Settings, **changes: Any) -> Workbench:
    """A workbench with other settings that starts no process of its own."""
    opened = open_workbench(settings.model_copy(update=changes))
    return replace(opened, ensure_runner=lambda: None)


def log_of(bench: Workbench, run: TrainingRun | str) -> list[Event]:
    """Every event, texts whole."""
    return list(events(bench, run if isinstance(run, str) else run.id))


def without_times(value: Any) -> Any:
    """A record's scores and prompts, comparable between runs."""
    return value.model_dump(mode="json", exclude={"id", "created_at", "run_id", "parent"}) if value is not None else None


class FakeModel:
    """A provider whose answers a function gives; counts what it was asked and how many asked at once."""

    name = "fake"
    local = True

    def __init__(
        self,
        answer: Callable[[ModelRequest], str],
        *,
        price: tuple[float, float] | None = (1.0, 1.0),
        places: int = 8,
        schema: bool = False,
    ) -> None:
        self.takes_schema, self.max_concurrency = schema, places
        self.requests: list[ModelRequest] = []
        self.most_at_once = 0
        self.state = "connected"
        self._answer, self._price = answer, price
        self._lock, self._now = threading.Lock(), 0

    def complete(self, request: ModelRequest, *, cancelled: Cancelled | None = None) -> ModelAnswer:
        with self._lock:
            self.requests.append(request)
            self._now += 1
            self.most_at_once = max(self.most_at_once, self._now)
        try:
            return ModelAnswer(text=self._answer(request), prompt_tokens=1000, completion_tokens=1000)
        finally:
            with self._lock:
                self._now -= 1

    def models(self) -> list[ModelInfo]:
        return [ModelInfo(provider="fake", model="one", digest="d1")]

    def status(self) -> ProviderStatus:
        return ProviderStatus.model_validate({"provider": self.name, "state": self.state})

    def price(self, model: str) -> tuple[float, float] | None:
        return self._price

    def close(self) -> None:
        """Nothing is held."""


def builtin_answer() -> Callable[[ModelRequest], str]:
    """The built-in model's answers, whatever name the model has."""
    provider = BuiltinProvider()
    return lambda request: provider.complete(request.model_copy(update={"model": "in-context"})).text


def with_model(bench: Workbench, model: FakeModel, *, retries: int = 0) -> Workbench:
    """The workbench with a fake provider beside the built-in one; no wait between tries."""
    gateway = Gateway({"fake": model, "builtin": BuiltinProvider()}, retries=retries, pause=lambda seconds: None)
    return replace(bench, gateway=gateway)


def prompts_in(log: list[Event]) -> Iterator[str]:
    """Every prompt that was sent, whole."""
    return (str(event.data["prompt"]) for event in log if event.event_type == "llm_request")


def said(text: str) -> tuple[Message, ...]:
    """One user message."""
    return (Message(role="user", content=text),)
