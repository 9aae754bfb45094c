"""Overview: what goes on now, what waits for a decision, what failed, and how each domain stands."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

from core.metrics.statistics import Interval, paired_interval
from core.records.base import Record, now
from core.records.datasets import Dataset
from core.records.documents import Classification
from core.records.domains import GENERAL, DomainStatus
from core.records.prompts import Deployment, PromptVersion, Stage
from core.records.runs import OPEN_STATES, RunStatus, SampleOutcome, Scores, TrainingRun
from core.store.base import Above, In, Store
from core.workbench import Workbench
from core.workflows.domains import DomainView, list_domains
from core.workflows.runs import get_run

LISTED = 5
"""Runs of each sort that are listed; `going`, `decisions` and `failed` never hold more."""
HISTORY = 6
"""Scores of a domain's last runs that its row shows."""
RECENT = 60
"""Completed runs that are read for all domains together, before those of single domains."""

KEPT = 1000
_reckoned: dict[tuple[str, str], Interval | None] = {}

_OPEN = In(values=tuple(state.value for state in OPEN_STATES))
_ENDED_BADLY = In(values=(RunStatus.FAILED.value, RunStatus.INTERRUPTED.value))


class Decision(Record):
    """A trained version that scored higher on the sealed test than the one in use, and came after it; or none is in use."""

    domain: str
    run_id: str
    version: str
    score: float | None
    deployed: str | None
    deployed_score: float | None
    verdict: str
    """What the run says of its own gain over the untrained prompt."""


class FailedRun(Record):
    """A run that ended without a result, with no later run of its domain."""

    run_id: str
    domain: str
    status: Literal["failed", "interrupted"]
    error: str | None
    hint: str | None


class DomainRow(Record):
    """How a domain stands. Scores are of the sealed test, 0 to 1; None = unknown."""

    name: str
    status: DomainStatus
    samples: int
    version: str | None
    f1: float | None = None
    """Entity F1 of the version in production."""
    low: float | None = None
    high: float | None = None
    """Its 95 % interval over the test samples; None under 5 of them."""
    test_samples: int | None = None
    history: tuple[float, ...] = ()
    """Entity F1 of the last completed runs, oldest first."""
    trained_at: datetime | None = None
    documents: int = 0
    """Documents that were given this domain since the month began (UTC)."""


class Overview(Record):
    """Everything at a glance."""

    going: tuple[TrainingRun, ...]
    decisions: tuple[Decision, ...]
    failed: tuple[FailedRun, ...]
    domains: tuple[DomainRow, ...]
    runs: int
    datasets: int

    @property
    def fresh(self) -> bool:
        """Nothing was made here yet."""
        return not self.datasets and not self.runs and all(row.name == GENERAL for row in self.domains)

    @property
    def untrained(self) -> bool:
        """There is something to train, and nothing was."""
        return not self.runs and any(row.samples for row in self.domains)


def overview(bench: Workbench) -> Overview:
    """Everything at a glance: a few short queries, whatever the number of samples and runs."""
    store = bench.store
    views = list_domains(bench)
    going = [get_run(bench, str(key)) for (key,) in list(store.values(TrainingRun, ("key",), {"status": _OPEN}))[:LISTED]]
    deployed = {each.domain: each for each in store.page(Deployment, {"stage": Stage.PRODUCTION.value}, order="since", limit=1000)}
    last = _last_runs(store, [view.name for view in views])
    documents = store.count_by(Classification, "domain", {"at": Above(value=_month())})
    using = _runs_behind(store, deployed, last)
    return Overview(
        going=tuple(run for run in going if run.status in OPEN_STATES),
        decisions=tuple(_decisions(store, views, deployed, last, using))[:LISTED],
        failed=tuple(_failed(store, {view.name for view in views}))[:LISTED],
        domains=tuple(
            _row(store, view, using.get(view.version or ""), last.get(view.name, ())).model_copy(
                update={"documents": documents.get(view.name, 0)}
            )
            for view in views
        ),
        runs=store.count(TrainingRun),
        datasets=sum(1 for head in store.each(Dataset) if head.change > 0 and not head.deleted),
    )


def _month() -> datetime:
    return now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _last_runs(store: Store, domains: Sequence[str]) -> dict[str, list[TrainingRun]]:
    """Per domain its last completed runs, newest first: those among the newest of all, else the domain's own last."""
    done = {"status": RunStatus.COMPLETED.value}
    found: dict[str, list[TrainingRun]] = {}
    for run in store.page(TrainingRun, done, order="created_at", descending=True, limit=RECENT):
        found.setdefault(run.domain, []).append(run)
    trained = store.count_by(TrainingRun, "domain", done)
    for domain in domains:
        if trained.get(domain, 0) > len(found.get(domain, ())) < HISTORY:
            found[domain] = store.page(TrainingRun, done | {"domain": domain}, order="created_at", descending=True, limit=HISTORY)
    return {domain: runs[:HISTORY] for domain, runs in found.items()}


def _runs_behind(store: Store, deployed: Mapping[str, Deployment], last: Mapping[str, Sequence[TrainingRun]]) -> dict[str, TrainingRun]:
    """Per version in use the run that made it, where one did."""
    known = {run.version: run for runs in last.values() for run in runs if run.version}
    missing = [each.version for each in deployed.values() if each.version not in known]
    older = store.page(TrainingRun, {"version": In(values=tuple(missing))}, limit=1000) if missing else []
    return known | {run.version: run for run in older if run.version}


def _decisions(
    store: Store, views: Sequence[DomainView], deployed: Mapping[str, Deployment], last: Mapping[str, Sequence[TrainingRun]],
    using: Mapping[str, TrainingRun],
) -> list[Decision]:  # fmt: skip
    found = []
    for view in views:
        current = deployed.get(view.name)
        now = _in_use(store, current, using)
        better = [run for run in last.get(view.name, ()) if run.version and _beats(run, current, now)]
        if better:
            best = max(better, key=lambda run: (_score(run.result) or 0, run.created_at))
            found.append(_decision(view, best, now))
    return found


def _decision(view: DomainView, best: TrainingRun, now: Scores | None) -> Decision:
    verdict = best.gain.verdict if best.gain else ""
    return Decision(
        domain=view.name, run_id=best.id, version=best.version or "", score=_score(best.result), deployed=view.version,
        deployed_score=_score(now), verdict=verdict,
    )  # fmt: skip


def _in_use(store: Store, current: Deployment | None, using: Mapping[str, TrainingRun]) -> Scores | None:
    """The scores of the version in use; of one that no run made, those it carries itself."""
    if current is None:
        return None
    if current.version in using:
        return using[current.version].result
    version = store.get(PromptVersion, current.version)
    return version.scores if version else None


def _beats(run: TrainingRun, current: Deployment | None, now: Scores | None) -> bool:
    """Whether it came after the present deployment and scored higher; somebody who deployed later has decided already."""
    if current is None:
        return True
    score, present = _score(run.result), _score(now)
    later = (run.completed_at or run.created_at) > current.since
    return run.version != current.version and later and score is not None and (present is None or score > present)


def _failed(store: Store, domains: set[str]) -> list[FailedRun]:
    newest = dict(store.values(TrainingRun, ("domain", "key"), order="created_at"))
    runs = store.page(TrainingRun, {"status": _ENDED_BADLY}, order="created_at", descending=True, limit=20)
    return [
        FailedRun(
            run_id=run.id, domain=run.domain, status="failed" if run.status is RunStatus.FAILED else "interrupted",
            error=run.error, hint=run.hint,
        )
        for run in runs
        if newest.get(run.domain) == run.id and run.domain in domains
    ]  # fmt: skip


def _row(store: Store, view: DomainView, behind: TrainingRun | None, last: Sequence[TrainingRun]) -> DomainRow:
    result = behind.result if behind else None
    interval = _interval(store, behind.id) if behind else None
    history = [run.result.entity_f1 for run in reversed(last) if run.result and run.result.entity_f1 is not None]
    return DomainRow(
        name=view.name, status=view.status, samples=view.samples, version=view.version, f1=result.entity_f1 if result else None,
        low=interval.low if interval else None, high=interval.high if interval else None,
        test_samples=result.samples if result else None, history=tuple(history), trained_at=view.trained_at,
    )  # fmt: skip


def _interval(store: Store, run_id: str) -> Interval | None:
    """Of the mean entity F1 over test samples. A completed run never changes, so it is reckoned once in a process."""
    key = (store.url, run_id)
    if key not in _reckoned:
        outcomes = store.page(SampleOutcome, {"run_id": run_id, "side": "result", "split": "test"}, limit=1000)
        if len(_reckoned) >= KEPT:
            _reckoned.clear()
        _reckoned[key] = paired_interval([outcome.entity_f1 for outcome in outcomes if outcome.entity_f1 is not None])
    return _reckoned[key]


def _score(scores: Scores | None) -> float | None:
    return scores.score if scores else None
