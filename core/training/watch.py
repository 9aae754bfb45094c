"""What DSPy does, turned into events and honest scores while it happens.

DSPy scores a failed example as zero; here a failed example has no score, and a trial's score is the mean of the answered.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import fsum
from threading import Lock
from typing import Any

from dspy.utils.callback import BaseCallback
from pydantic import BaseModel

from core.errors import WorkbenchError
from core.metrics.document import Match, Scorer, match_entities, match_relations
from core.metrics.gold import Item
from core.programs.signatures import TaskProgram
from core.records.events import EventType
from core.records.samples import Sample, Task
from core.training.session import ASKED, CURRENT, Session
from core.training.stops import RunBroken


@dataclass
class Trial:
    """One candidate on validation samples."""

    number: int
    program: Any
    full: bool
    size: int
    scores: dict[str, Match] = field(default_factory=dict)
    """By sample id; who failed is not here."""
    failed: set[str] = field(default_factory=set)


def items(value: Any) -> list[Item]:
    """What a program found, as plain items."""
    found = value if isinstance(value, Sequence) and not isinstance(value, str) else []
    return [item.model_dump() if isinstance(item, BaseModel) else {"text": str(item), "type": None} for item in found]


class Watch(BaseCallback):
    """One task's optimization, watched. Evaluations come one after the other; samples within one in any order."""

    def __init__(self, session: Session, task: Task, scorer: Scorer) -> None:
        self.trials: list[Trial] = []
        self._session, self._task, self._scorer = session, task, scorer
        self._running: dict[str, Sample] = {}
        self._now: Trial | None = None
        self._lock = Lock()

    # samples

    def on_module_start(self, call_id: str, instance: Any, inputs: dict[str, Any]) -> None:
        """A sample goes in."""
        if not isinstance(instance, TaskProgram):
            return
        sample = self._session.samples.get(inputs.get("kwargs", inputs).get("source_text", ""))
        CURRENT.set(sample)
        ASKED.set(False)
        if sample is not None:
            self._running[call_id] = sample
            self._sample_event(EventType.SAMPLE_PROCESSING, sample, "goes in", {})

    def on_module_end(self, call_id: str, outputs: Any | None, exception: Exception | None = None) -> None:
        """A sample comes out; without an answer it is a failure, not a score."""
        sample = self._running.pop(call_id, None)
        if sample is None:
            return
        self._session.progress.step()
        if exception is None or self._session.cancel.is_set():  # a call that the cancel cut short is no failure
            return
        if type(exception).__name__ == "AdapterParseError" and ASKED.get():
            self._session.parse_failed()
        if self._now is not None:
            self._now.failed.add(sample.id)
        self._sample_event(EventType.SAMPLE_RESULT, sample, "failed", {"error": str(exception)[:2000], "score": None})

    def metric(self, example: Any, prediction: Any, trace: Any = None) -> float:
        """The figure that is optimized, 0 to 1."""
        sample = self._session.samples[example.source_text]
        try:
            match = self.match(sample, prediction)
        except WorkbenchError as error:  # DSPy would take it for a score of zero
            raise RunBroken(error) from error
        score = match.preset(self._scorer.config)
        if self._now is not None and trace is None:
            with self._lock:
                self._now.scores[sample.id] = match
        elif trace is not None:
            nth = self._session.nth(f"{self._task}/bootstrap")
            self._session.emit(
                EventType.BOOTSTRAP_ITERATION, f"{self._task}/bootstrap/{nth}", f"demo tried on {sample.id}: {score:.2f}",
                {"sample_index": sample.id, "score": score, "task": self._task},
            )  # fmt: skip
        facts = {"score": score, "precision": match.precision, "recall": match.recall, "f1": match.f1}
        self._sample_event(EventType.SAMPLE_RESULT, sample, f"{score:.2f}", facts)
        return score

    def match(self, sample: Sample, prediction: Any) -> Match:
        """A prediction against the sample's gold."""
        if self._task == "entities":
            return match_entities(items(prediction.entities), sample, self._scorer.how, typed=self._scorer.typed)
        return match_relations(items(prediction.relations), sample, self._scorer.how)

    def _sample_event(self, kind: EventType, sample: Sample, what: str, data: dict[str, Any]) -> None:
        stage = f"trial-{self._now.number}" if self._now else "bootstrap"
        base = f"{self._task}/{stage}/{sample.id}/{kind.value}"
        facts = {"sample_index": sample.id, "task": self._task, "trial": self._now.number if self._now else None} | data
        self._session.emit(kind, f"{base}/{self._session.nth(base)}", f"{sample.id}: {what}", facts)

    # evaluations

    def on_evaluate_start(self, call_id: str, instance: Any, inputs: dict[str, Any]) -> None:
        """A candidate is tried."""
        devset = inputs.get("devset") or instance.devset
        metadata = inputs.get("callback_metadata") or {}
        full = metadata.get("metric_key", "eval_full") != "eval_minibatch"
        self._now = Trial(number=len(self.trials), program=inputs["program"], full=full, size=len(devset))
        self._session.stage = f"trial {self._now.number}" if self._now.number else "untrained"
        predictor = inputs["program"].predict
        self._session.emit(
            EventType.EVALUATION_START, f"{self._task}/trial-{self._now.number}/start",
            f"{self._session.stage}: {len(devset)} samples, {len(predictor.demos)} demos",
            {
                "task": self._task, "trial": self._now.number, "full": full, "samples": len(devset), "demos": len(predictor.demos),
                "instructions": self._session.text(predictor.signature.instructions),
            },
        )  # fmt: skip

    def on_evaluate_end(self, call_id: str, outputs: Any | None, exception: Exception | None = None) -> None:
        """A candidate was tried."""
        trial, self._now = self._now, None
        if trial is None or exception is not None or outputs is None:
            return
        self.trials.append(trial)
        score = self.score(trial)
        best = self.best()
        matches = list(trial.scores.values())
        facts = {
            "task": self._task, "trial": trial.number, "full": trial.full, "score": score, "best": self.score(best) if best else None,
            "precision": mean([m.precision for m in matches]), "recall": mean([m.recall for m in matches]),
            "f1": mean([m.f1 for m in matches]), "samples_evaluated": len(matches), "failed": len(trial.failed),
            "scores": {name: match.preset(self._scorer.config) for name, match in sorted(trial.scores.items())},
        }  # fmt: skip
        said = "no sample answered" if score is None else f"{score:.3f}"
        text = f"{self._task}, {'untrained' if trial.number == 0 else f'trial {trial.number}'}: {said} on {len(matches)} samples"
        self._session.emit(EventType.EVALUATION_RESULT, f"{self._task}/trial-{trial.number}/result", text, facts)

    def score(self, trial: Trial) -> float | None:
        """The mean over the samples that were answered; None where none was."""
        return mean([match.preset(self._scorer.config) for match in trial.scores.values()])

    def best(self) -> Trial | None:
        """The best full evaluation; an earlier one wins a tie.

        An optimizer may search on a part of the validation samples: as soon as two candidates were tried on all of them,
        only those are compared. One that failed on more samples than the limit allows, and on more than the untrained program,
        is no candidate: the few that it answered say little.
        """
        full = [trial for trial in self.trials if trial.full and trial.scores and self._answers(trial)]
        largest = max((trial.size for trial in full), default=0)
        whole = [trial for trial in full if trial.size == largest]
        full = whole if len(whole) > 1 else full
        return max(full, key=lambda trial: (self.score(trial) or 0.0, -trial.number), default=None)

    def _answers(self, trial: Trial) -> bool:
        untrained = self.trials[0]
        return len(trial.failed) <= max(self._session.failure_limit * trial.size, len(untrained.failed) * trial.size / untrained.size)


def mean(values: Sequence[float]) -> float | None:
    """The mean, None of nothing. Summed exactly: threads finish in any order, and a last digit may decide between candidates."""
    return fsum(values) / len(values) if values else None
