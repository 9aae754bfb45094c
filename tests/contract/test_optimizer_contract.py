"""Every registered optimizer, on a small annotated domain with the built-in model."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from core.errors import TooFewSamplesError
from core.records.events import Event, EventType
from core.records.prompts import PromptVersion
from core.records.runs import Phase, RunStatus, TrainingRun
from core.records.samples import Sample
from core.store.base import Store
from core.training.optimizers import optimizers
from core.workbench import Workbench
from tests.standins.training import do, furnish, log_of, prompts_in, queue, samples

NAMES = sorted(optimizers)
MARK = "xqzmark"


@dataclass(frozen=True)
class Trained:
    bench: Workbench
    run: TrainingRun
    again: TrainingRun
    log: list[Event]
    version: PromptVersion


def marked(sample: dict[str, Any]) -> dict[str, Any]:
    """A test sample whose text ends in a word that stands nowhere else."""
    if sample["split"] == "test":
        sample["text"] += f" {MARK}{sample['id'].replace('-', '').replace('_', '')}."
    return sample


@pytest.fixture(params=NAMES)
def trained(request: pytest.FixtureRequest, bench: Workbench, tmp_path: Path) -> Trained:
    """Two whole runs of an optimizer that differ in nothing."""
    furnish(bench, tmp_path, samples(edit=marked))
    run = do(bench, queue(bench, optimizer=request.param, seed=3))
    again = do(bench, queue(bench, optimizer=request.param, seed=3, force=True))
    assert run.status is again.status is RunStatus.COMPLETED, (run.error, again.error)
    return Trained(bench, run, again, log_of(bench, run), version_of(bench.store, run))


def version_of(store: Store, run: TrainingRun) -> PromptVersion:
    found = store.get(PromptVersion, run.version or "")
    assert found is not None
    return found


def test_a_run_is_honest_about_its_data_its_seed_and_its_cost(trained: Trained) -> None:
    """One whole run serves all of these, as it takes seconds."""
    run, log, store = trained.run, trained.log, trained.bench.store

    # the same seed gives the same
    assert (run.baseline, run.result) == (trained.again.baseline, trained.again.result)
    assert version_of(store, trained.again).tasks == trained.version.tasks
    assert run.gain == trained.again.gain

    # demos come from train, named
    splits = {sample.id: sample.split for sample in store.each(Sample, {"dataset": "docs"})}
    demos = [demo for prompt in trained.version.tasks.values() for demo in prompt.demos]
    assert demos
    assert all(splits[demo.sample_id or ""] == "train" for demo in demos)

    # no word of a test sample before the proof, nor in what came of it
    proof = next(event.seq for event in log if event.phase == Phase.VALIDATION.value)
    before = [event for event in log if event.seq < proof]
    assert len(list(prompts_in(before))) > 10
    assert not any(MARK in event.model_dump_json() for event in before)
    assert MARK not in trained.version.model_dump_json()
    assert any(MARK in prompt for prompt in prompts_in(log)), "the proof did read the test samples"

    # the estimate holds
    assert run.estimate is not None
    assert run.estimate.calls_at_most >= run.calls >= run.estimate.calls * 0.6
    made = sum(event.event_type is EventType.LLM_RESPONSE for event in log)
    assert run.calls == made

    # progress was told on the way, and the luck line stands beside the gain
    percents = [event.progress_percent for event in log]
    assert percents == sorted(percents)
    assert len(set(percents)) > 10
    assert run.gain is not None and run.gain.by_luck is not None and run.gain.n == 5
    assert sum(event.event_type is EventType.EVALUATION_RESULT for event in log) >= 6


@pytest.mark.parametrize("name", NAMES)
def test_too_few_samples_are_refused_with_what_is_missing(name: str, bench: Workbench, tmp_path: Path) -> None:
    needs = optimizers[name].needs
    furnish(bench, tmp_path, samples(train=needs - 3, val=2, test=0))
    with pytest.raises(TooFewSamplesError) as caught:
        queue(bench, optimizer=name)
    assert f"{name} needs {needs}" in caught.value.message
    assert "add at least 1 more" in caught.value.hint


@pytest.mark.parametrize("name", NAMES)
def test_one_validation_sample_is_not_enough(name: str, bench: Workbench, tmp_path: Path) -> None:
    furnish(bench, tmp_path, samples(train=10, val=1, test=0))
    with pytest.raises(TooFewSamplesError, match="2 of them for validation"):
        queue(bench, optimizer=name)


def test_another_seed_draws_other_demos(bench: Workbench, tmp_path: Path) -> None:
    furnish(bench, tmp_path, samples(train=20, val=3, test=0))
    drawn = {
        tuple(
            demo.sample_id
            for demo in version_of(bench.store, do(bench, queue(bench, seed=seed, max_labeled_demos=4))).tasks["entities"].demos
        )
        for seed in (1, 2, 3)
    }
    assert len(drawn) > 1
