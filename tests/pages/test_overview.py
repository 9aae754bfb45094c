from collections.abc import Callable
from datetime import timedelta

from streamlit.testing.v1 import AppTest

from core.records.base import now
from core.records.domains import MetricConfig
from core.records.prompts import Deployment, Stage
from core.records.runs import Gain, OptimizerSettings, RunStatus, Scores, TrainingRun
from core.store.base import Put
from core.workbench import Workbench
from core.workflows.domains import create_domain
from core.workflows.overview import overview

Open = Callable[..., AppTest]
Said = Callable[[AppTest], str]


def a_run(bench: Workbench, number: int, status: RunStatus, score: float | None = None, *, domain: str = "legal") -> TrainingRun:
    run = TrainingRun(
        id=f"{domain}_2026112{number}_100000", domain=domain, dataset=domain, dataset_version=f"{domain}@1", content_hash="0" * 64,
        optimizer=OptimizerSettings(name="bootstrap"), metric=MetricConfig(), model="builtin/in-context", status=status,
        result=Scores(score=score, entity_f1=score, samples=20) if score is not None else None,
        gain=Gain(verdict="better") if score is not None else None, version=f"{domain}-v{number}" if score is not None else None,
        error="the model did not answer" if status is RunStatus.FAILED else None, created_at=now() + timedelta(minutes=number),
    )  # fmt: skip
    bench.store.write([Put(record=run)])
    return run


def deployed(bench: Workbench, version: str, *, domain: str = "legal", minutes: int = 0) -> None:
    made = Deployment(
        id=f"{version}/production", domain=domain, version=version, stage=Stage.PRODUCTION, since=now() + timedelta(minutes=minutes)
    )
    bench.store.write([Put(record=made)])


def with_domain(bench: Workbench) -> Workbench:
    create_domain(bench, "legal", "Contracts and clauses between two parties.")
    return bench


def test_an_empty_store_offers_the_sample_domains(open_page: Open, said: Said) -> None:
    at = open_page("overview")
    assert [button.label for button in at.button] == ["Load the four sample domains"]
    assert "Nothing here yet" in said(at)


def test_the_sample_domains_are_loaded_and_training_is_offered_next(open_page: Open, said: Said) -> None:
    at = open_page("overview")
    at.button(key="overview.load.button").click().run(timeout=120)
    assert not at.exception
    assert "4 sample domains are loaded" in said(at)
    assert at.button(key="overview.train.button").label == "Train one now"
    assert set(at.dataframe[0].value["domain"]) == {"clinical_notes", "general", "legal_contracts", "tech_docs", "technische_doku"}


def test_a_better_run_than_the_deployed_one_waits_for_a_decision(pages_bench: Workbench, open_page: Open, said: Said) -> None:
    with_domain(pages_bench)
    a_run(pages_bench, 1, RunStatus.COMPLETED, 0.5)
    deployed(pages_bench, "legal-v1", minutes=1)
    a_run(pages_bench, 2, RunStatus.COMPLETED, 0.7)
    at = open_page("overview")
    assert "1 decision waits" in said(at)
    assert "legal-v2 scores 0.70 on the sealed test; legal-v1 in production has 0.50." in said(at)


def test_a_worse_run_and_one_that_somebody_deployed_over_wait_for_nothing(pages_bench: Workbench) -> None:
    with_domain(pages_bench)
    a_run(pages_bench, 1, RunStatus.COMPLETED, 0.5)
    a_run(pages_bench, 2, RunStatus.COMPLETED, 0.4)
    a_run(pages_bench, 3, RunStatus.COMPLETED, 0.9)
    deployed(pages_bench, "legal-v1", minutes=5)
    assert overview(pages_bench).decisions == ()


def test_a_trained_version_where_nothing_is_deployed_waits(pages_bench: Workbench) -> None:
    with_domain(pages_bench)
    a_run(pages_bench, 1, RunStatus.COMPLETED, 0.5)
    waiting = overview(pages_bench).decisions
    assert [(each.version, each.deployed) for each in waiting] == [("legal-v1", None)]


def test_a_failed_run_is_named_until_a_later_one_of_its_domain_exists(pages_bench: Workbench, open_page: Open, said: Said) -> None:
    with_domain(pages_bench)
    a_run(pages_bench, 1, RunStatus.FAILED)
    assert "the model did not answer" in said(open_page("overview"))
    a_run(pages_bench, 2, RunStatus.CANCELLED)
    assert overview(pages_bench).failed == ()


def test_a_queued_run_is_shown_as_going_on(pages_bench: Workbench, open_page: Open, said: Said) -> None:
    with_domain(pages_bench)
    a_run(pages_bench, 1, RunStatus.PENDING)
    at = open_page("overview")
    assert "1 run is going on" in said(at)
    assert "Waiting for the runner" in said(at)


def test_a_domains_last_scores_are_found_behind_many_runs_of_another(pages_bench: Workbench) -> None:
    with_domain(pages_bench)
    create_domain(pages_bench, "medical", "Notes of doctors about their patients.")
    a_run(pages_bench, 0, RunStatus.COMPLETED, 0.3, domain="medical")
    a_run(pages_bench, 1, RunStatus.COMPLETED, 0.4, domain="medical")
    for number in range(2, 72):
        a_run(pages_bench, number, RunStatus.COMPLETED, 0.5)
    rows = {row.name: row.history for row in overview(pages_bench).domains}
    assert rows["medical"] == (0.3, 0.4)
    assert len(rows["legal"]) == 6
