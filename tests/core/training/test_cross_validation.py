"""Where too few samples can be sealed, what is held out in turn stands beside the result."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.records.domains import Domain
from core.records.runs import TrainingRun
from core.store.base import Put
from core.training.plan import FEW, ROUNDS
from core.workbench import Workbench
from core.workflows.imports import import_samples
from core.workflows.runs import get_run
from core.workflows.train import TrainRequest, train

SAMPLES = Path(__file__).parents[3] / "config" / "samples" / "tech_docs" / "samples.jsonl"


def trained(bench: Workbench, run_here: Callable[[Workbench, str], Any], folder: Path, count: int, **options: Any) -> TrainingRun:
    path = folder / "some.jsonl"
    lines = SAMPLES.read_text().splitlines()[:count]
    path.write_text(
        "\n".join(line.replace('"split": "test"', '"split": null').replace('"split": "val"', '"split": null') for line in lines)
    )
    bench.store.write([Put(record=Domain(name="some", description="Operations documents, a few of them."))])
    import_samples(bench, dataset="some", source=path, domain="some")
    run = train(bench, TrainRequest(domain="some", dataset="some", optimizer="labeled_few_shot", **options))
    run_here(bench, run.id)
    return get_run(bench, run.id)


def test_few_samples_are_held_out_in_turn(bench: Workbench, run_attempt_here: Callable[..., Any], tmp_path: Path) -> None:
    run = trained(bench, run_attempt_here, tmp_path, 12)
    held = run.cross_validation
    assert held is not None and run.gain is not None
    assert run.gain.verdict.startswith("not proven") or run.gain.n < 5
    assert (held.n, held.rounds, held.folds) == (12, ROUNDS, 5)
    assert held.gain is not None and held.low is not None and held.low <= held.gain
    assert held.gain > 0.05, "examples teach the built-in model something"
    assert run.estimate is not None and run.calls <= run.estimate.calls_at_most


def test_enough_samples_are_not(bench: Workbench, run_attempt_here: Callable[..., Any], tmp_path: Path) -> None:
    run = trained(bench, run_attempt_here, tmp_path, FEW)
    assert run.cross_validation is None


def test_the_same_seed_holds_out_the_same(bench: Workbench, run_attempt_here: Callable[..., Any], tmp_path: Path) -> None:
    first = trained(bench, run_attempt_here, tmp_path, 10, seed=4)
    again = train(bench, TrainRequest(domain="some", dataset="some", optimizer="labeled_few_shot", seed=4, force=True))
    run_attempt_here(bench, again.id)
    assert get_run(bench, again.id).cross_validation == first.cross_validation


@pytest.mark.parametrize("ceiling", [60])
def test_a_ceiling_leaves_the_result_without_it(
    bench: Workbench, run_attempt_here: Callable[..., Any], tmp_path: Path, ceiling: int
) -> None:
    run = trained(bench, run_attempt_here, tmp_path, 16, max_calls=ceiling)
    assert run.calls <= ceiling
    assert run.cross_validation is None
    assert run.stopped_by == "calls"
