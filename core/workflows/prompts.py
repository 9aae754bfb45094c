"""Prompts: a domain's versions, and one as it is sent."""

from datetime import datetime
from typing import Any

from core.errors import RequestError, UnknownNameError
from core.programs.render import shown
from core.records.base import Record
from core.records.prompts import Deployment, PromptVersion, Stage
from core.records.runs import Scores
from core.records.samples import TASKS, Task
from core.workbench import Workbench
from core.workflows.deployments import deployed, history
from core.workflows.general import get_domain

MOST = 1000


class VersionView(Record):
    """A version without its prompts. `stage` None = never deployed."""

    version: str
    created_at: datetime
    run_id: str | None
    parent: str | None
    scores: Scores | None
    stage: Stage | None
    model: str
    dataset_version: str | None
    by_hand: bool


def versions_of(bench: Workbench, domain: str) -> list[VersionView]:
    """A domain's versions, newest first. Raises UnknownNameError."""
    stages = _stages(history(bench, domain))
    found = bench.store.page(PromptVersion, {"domain": domain}, order="created_at", descending=True, limit=MOST)
    return [
        VersionView(
            version=each.id, created_at=each.created_at, run_id=each.run_id, parent=each.parent, scores=each.scores,
            stage=stages.get(each.id), model=each.model, dataset_version=each.dataset_version, by_hand=each.by_hand,
        )
        for each in found
    ]  # fmt: skip


def versions_stamp(bench: Workbench, domain: str) -> str:
    """Changes whenever the list of a domain's versions or their stages would: versions and decisions are only ever added."""
    return f"{bench.store.count(PromptVersion, {'domain': domain})}/{bench.store.count(Deployment, {'domain': domain})}"


def get_version(bench: Workbench, domain: str, version: str | None = None) -> PromptVersion:
    """A version by its id; without one, that in production.

    Raises:
        UnknownNameError: no such domain, or no such version of it; the hint lists those that exist.
        RequestError: none is named and none is in production.
    """
    get_domain(bench, domain)
    wanted = version
    if wanted is None:
        current = deployed(bench, domain)
        if current is None:
            raise RequestError(f"{domain} has no prompt version in production", hint=_way_out(bench, domain))
        wanted = current.version
    found = bench.store.get(PromptVersion, wanted)
    if found is None or found.domain != domain:
        raise UnknownNameError.of(f"prompt version of {domain}", wanted, _ids(bench, domain))
    return found


def prompt_messages(version: PromptVersion, task: Task) -> list[dict[str, str]]:
    """The prompt of one task as a person reads it: `{source_text}` where the document goes; empty where the task is not trained."""
    prompt = version.prompt(task)
    return [message.model_dump() for message in shown(prompt)] if prompt else []


def prompt_document(bench: Workbench, domain: str, version: str | None = None) -> dict[str, Any]:
    """Both tasks' prompts as plain messages. Raises as `get_version`."""
    found = get_version(bench, domain, version)
    return {"domain": domain, "version": found.id} | {task: prompt_messages(found, task) for task in TASKS}


def _stages(decisions: list[Deployment]) -> dict[str, Stage]:
    """Per version the stage it is at; retired only where it is at no other."""
    stages: dict[str, Stage] = {}
    for decision in decisions:
        if decision.stage is not Stage.RETIRED or decision.version not in stages:
            stages[decision.version] = decision.stage
    return stages


def _ids(bench: Workbench, domain: str) -> list[str]:
    return [each.id for each in bench.store.page(PromptVersion, {"domain": domain}, order="created_at", descending=True, limit=20)]


def _way_out(bench: Workbench, domain: str) -> str:
    known = _ids(bench, domain)
    if not known:
        return f"train it: python -m core train {domain} --dataset DATASET"
    return f"name one with --version, or deploy it: {', '.join(known)}"
