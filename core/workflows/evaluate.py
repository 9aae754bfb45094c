"""A kept prompt on annotated samples, outside any run; and a run judged from its log alone."""

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

from core.datasets.versions import samples_at, version_at
from core.errors import RequestError, UnknownNameError, UnreadableFileError
from core.llm.recorder import StoreRecorder
from core.metrics.document import Scorer, matcher
from core.metrics.gold import is_typed
from core.programs.deployed import production
from core.programs.reader import Reader
from core.records.base import Record
from core.records.datasets import Dataset
from core.records.domains import Domain, Matching
from core.records.models import ModelRequest, UseCase
from core.records.prompts import PromptVersion
from core.records.runs import Look, Scores
from core.records.samples import Sample, Split, Task
from core.store.base import Ensure
from core.training.evaluate import figures, read_all
from core.training.similarity import semantics_with
from core.workbench import Workbench


class Evaluation(Record):
    """What a version scored on a split."""

    domain: str
    version: str
    dataset: str
    split: str
    scores: Scores
    looks: int | None = None
    """How often the test samples of this dataset version were looked at, this time included; None = another split."""

    def document(self) -> dict[str, Any]:
        """As the command line prints it."""
        names = ("score", "entity_f1", "relation_f1", "precision", "recall", "grounding_rate")
        return {
            "domain": self.domain,
            "version": self.version,
            "dataset": self.dataset,
            "split": self.split,
            "samples": self.scores.samples,
            "scores": {name: getattr(self.scores, name) for name in names},
            "failures": self.scores.failed,
            "looks": self.looks,
        }


class LogSummary(Record):
    """A run as its log tells it."""

    events: int
    calls: int
    failures: int
    average: float | None
    lowest: float | None
    highest: float | None
    torn_lines: int
    """Lines that are no event: a log cut off by a full disk or a kill ends in one."""


def evaluate(bench: Workbench, *, domain: str, version: str | None = None, dataset: str, split: str = "test") -> Evaluation:
    """Score a version (default: the deployed one) on a dataset's split, with the model that it was trained for.

    Raises:
        UnknownNameError: no such domain, version, dataset or split.
        RequestError: nothing is deployed, or the split has no annotated samples.
        ModelError: the model is not there.
    """
    chosen = _version(bench, domain, version)
    samples, content_hash = _samples(bench, dataset, split)
    typed = all(is_typed(sample) for sample in samples if sample.entities)
    semantics = semantics_with(bench.embedder) if chosen.metric.matching is Matching.SEMANTIC else None
    metric = semantics.applied(chosen.metric) if semantics else chosen.metric
    how = matcher(metric, typed=typed, similarity=semantics.similarity if semantics else None)
    scorer = Scorer(how=how, config=metric, typed=typed)
    bench.gateway.find(chosen.model)
    recorder = StoreRecorder(bench.store)

    def ask(request: ModelRequest) -> str:
        return bench.gateway.complete(UseCase.ENTITY_EXTRACTION, request, recorder=recorder).text

    prompts: dict[Task, Any] = {"entities": chosen.tasks["entities"]}
    if "relations" in chosen.tasks:
        prompts["relations"] = chosen.tasks["relations"]
    readings = read_all(Reader(prompts=prompts, model=chosen.model, ask=ask), samples, scorer, threads=bench.settings.training_threads)
    looks = _look(bench, chosen, dataset, content_hash) if split == Split.TEST else None
    return Evaluation(domain=domain, version=chosen.id, dataset=dataset, split=split, scores=figures(readings, scorer), looks=looks)


def evaluate_log(path: Path) -> LogSummary:
    """Calls, failures and scores of a run from its JSONL log alone. Raises UnreadableFileError."""
    events = calls = failures = torn = 0
    scores: list[float] = []
    try:
        with path.open(encoding="utf-8", errors="replace") as lines:
            for text in lines:
                event = _event(text)
                if event is None:
                    torn += bool(text.strip())
                    continue
                events += 1
                calls += event["event_type"] == "llm_response"
                failures += event["event_type"] == "llm_response" and bool(event["data"].get("error"))
                if event["event_type"] == "sample_result" and event["data"].get("score") is not None:
                    scores.append(float(event["data"]["score"]))
    except OSError as error:
        raise UnreadableFileError(f"{path} cannot be read: {error.strerror}", hint="name a log that a run wrote") from error
    return LogSummary(
        events=events,
        calls=calls,
        failures=failures,
        average=sum(scores) / len(scores) if scores else None,
        lowest=min(scores, default=None),
        highest=max(scores, default=None),
        torn_lines=torn,
    )


def _event(text: str) -> dict[str, Any] | None:
    try:
        event = json.loads(text)
    except ValueError:
        return None
    return event if isinstance(event, dict) and isinstance(event.get("data"), dict) and "event_type" in event else None


def _version(bench: Workbench, domain: str, version: str | None) -> PromptVersion:
    if bench.store.get(Domain, domain) is None:
        raise UnknownNameError.of("domain", domain, [found.name for found in bench.store.page(Domain, limit=1000)])
    if version is None:
        deployed = production(bench.store, domain)
        if deployed is None:
            raise RequestError(f"nothing is deployed for {domain}", hint=f"train it first: python -m core train {domain} --dataset NAME")
        version = deployed.version
    found = bench.store.get(PromptVersion, version)
    if found is None or found.domain != domain:
        known = [each.id for each in bench.store.page(PromptVersion, {"domain": domain}, order="created_at", descending=True, limit=20)]
        raise UnknownNameError.of(f"version of {domain}", version, known)
    return found


def _samples(bench: Workbench, dataset: str, split: str) -> tuple[list[Sample], str]:
    head = bench.store.get(Dataset, dataset)
    if head is None:
        raise UnknownNameError.of("dataset", dataset, [found.name for found in bench.store.page(Dataset, limit=1000)])
    if split not in tuple(Split):
        raise UnknownNameError.of("split", split, [each.value for each in Split])
    found = [sample for sample in samples_at(bench.store, dataset, head.change, (Split(split),)) if sample.entities is not None]
    if not found:
        raise RequestError(f"{dataset!r} has no annotated {split} samples", hint="choose another split, or import more samples")
    return found, version_at(bench.store, dataset, head.change).content_hash


def _look(bench: Workbench, version: PromptVersion, dataset: str, content_hash: str) -> int:
    look = Look(
        id=f"look/{uuid4().hex}",
        content_hash=content_hash,
        domain=version.domain,
        dataset=dataset,
        version=version.id,
        why="evaluated by hand",
    )
    bench.store.write([Ensure(record=look)])
    return bench.store.count(Look, {"content_hash": content_hash})
