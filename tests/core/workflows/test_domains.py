from collections.abc import Callable
from pathlib import Path

import pytest

from core.datasets.holding import holding
from core.errors import (
    AlreadyExistsError,
    BusyError,
    ConflictError,
    InvalidValueError,
    RequestError,
    StaleRevisionError,
    UnknownNameError,
)
from core.records.datasets import Dataset
from core.records.domains import DomainStatus, EntityType, Matching, MetricConfig, Preset, Schema
from core.records.prompts import PromptVersion
from core.records.runs import RunStatus, TrainingRun
from core.store.base import Put
from core.workbench import Workbench
from core.workflows import domains
from core.workflows.deployments import deploy, deployed
from core.workflows.imports import import_samples
from core.workflows.train import TrainRequest, train

SAID = "Reports about machines in a hall."


def status_of(bench: Workbench, name: str) -> DomainStatus:
    return domains.view_domain(bench, name).status


def queued_run(bench: Workbench, name: str, file: Path) -> TrainingRun:
    domains.create_domain(bench, name, SAID)
    import_samples(bench, dataset=name, source=file, domain=name)
    return train(bench, TrainRequest(domain=name, dataset=name, optimizer="labeled_few_shot"))


def ended(bench: Workbench, run: TrainingRun, status: RunStatus) -> None:
    bench.store.write([Put(record=run.model_copy(update={"status": status}))])


def test_a_fresh_store_has_the_general_domain(bench: Workbench) -> None:
    assert [view.name for view in domains.list_domains(bench)] == ["general"]


def test_a_created_domain_is_pending_and_listed(bench: Workbench) -> None:
    made = domains.create_domain(bench, "machines", f"  {SAID} ")
    assert (made.name, made.description, made.revision > 0) == ("machines", SAID, True)
    assert status_of(bench, "machines") is DomainStatus.PENDING
    assert [view.name for view in domains.list_domains(bench)] == ["general", "machines"]


@pytest.mark.parametrize(
    "name",
    [
        "",
        "a",
        "A_b",
        "1ab",
        "a-b",
        "a b",
        "a.b",
        "../x",
        "a/../../x",
        "/etc",
        "..\\x",
        "a\n",
        "a\0b",
        "ab\u202e",
        "é_b",
        "a" * 101,
        "file:///etc",
    ],
)
def test_a_name_outside_what_is_allowed_is_refused_with_the_rule(bench: Workbench, name: str) -> None:
    with pytest.raises(InvalidValueError) as refused:
        domains.create_domain(bench, name, SAID)
    assert "2 to 100" in refused.value.hint


@pytest.mark.parametrize("description", ["", "too short", " " * 40, "x" * 1001])
def test_a_description_outside_what_is_allowed_is_refused(bench: Workbench, description: str) -> None:
    with pytest.raises(InvalidValueError) as refused:
        domains.create_domain(bench, "machines", description)
    assert "1,000" in refused.value.hint


def test_a_name_is_given_once_and_never_again_after_deletion(bench: Workbench) -> None:
    domains.create_domain(bench, "machines", SAID)
    with pytest.raises(AlreadyExistsError):
        domains.create_domain(bench, "machines", SAID)
    domains.delete_domain(bench, "machines")
    with pytest.raises(AlreadyExistsError, match="never used again"):
        domains.create_domain(bench, "machines", SAID)
    with pytest.raises(UnknownNameError):
        domains.get_domain(bench, "machines")


def test_an_unknown_domain_is_answered_with_those_that_exist(bench: Workbench) -> None:
    with pytest.raises(UnknownNameError) as unknown:
        domains.view_domain(bench, "nothing")
    assert "general" in unknown.value.hint


def test_only_what_is_given_changes(bench: Workbench) -> None:
    domains.create_domain(bench, "machines", SAID, model="builtin/in-context", guidelines="Short ones.")
    metric = MetricConfig.of(Preset.RECALL, Matching.SEMANTIC)
    changed = domains.update_domain(bench, "machines", domains.DomainChange(metric=metric, model=None))
    assert (changed.metric, changed.model, changed.guidelines, changed.description) == (metric, None, "Short ones.", SAID)


def test_a_change_of_a_stale_state_is_refused(bench: Workbench) -> None:
    before = domains.create_domain(bench, "machines", SAID)
    domains.update_domain(bench, "machines", domains.DomainChange(guidelines="First."), revision=before.revision)
    with pytest.raises(StaleRevisionError):
        domains.update_domain(bench, "machines", domains.DomainChange(guidelines="Second."), revision=before.revision)
    assert domains.get_domain(bench, "machines").guidelines == "First."


def test_a_schema_that_its_data_does_not_keep_is_refused(bench: Workbench, tmp_path: Path) -> None:
    file = tmp_path / "typed.jsonl"
    file.write_text('{"text": "Pump one runs.", "entities": [{"id": "e1", "text": "Pump one", "type": "machine"}]}\n')
    domains.create_domain(bench, "machines", SAID)
    import_samples(bench, dataset="halls", source=file, domain="machines")
    with pytest.raises(ConflictError, match="machine"):
        domains.update_domain(bench, "machines", domains.DomainChange(schema_=Schema(entity_types=(EntityType(name="hall"),))))
    fitting = Schema(entity_types=(EntityType(name="hall"), EntityType(name="machine")))
    assert domains.update_domain(bench, "machines", domains.DomainChange(schema_=fitting)).schema_ == fitting


def test_a_domain_set_ready_by_hand_is_ready(bench: Workbench) -> None:
    domains.create_domain(bench, "machines", SAID)
    domains.set_ready(bench, "machines")
    assert status_of(bench, "machines") is DomainStatus.READY
    domains.set_ready(bench, "machines", ready=False)
    assert status_of(bench, "machines") is DomainStatus.PENDING


def test_the_status_follows_the_runs(bench: Workbench, annotated_file: Path) -> None:
    run = queued_run(bench, "machines", annotated_file)
    assert status_of(bench, "machines") is DomainStatus.TRAINING
    ended(bench, run, RunStatus.FAILED)
    assert status_of(bench, "machines") is DomainStatus.FAILED


def test_a_run_whose_process_died_is_not_training(bench: Workbench, annotated_file: Path) -> None:
    run = queued_run(bench, "machines", annotated_file)
    ended(bench, run, RunStatus.RUNNING)
    assert status_of(bench, "machines") is DomainStatus.PENDING


def test_retraining_that_fails_leaves_a_deployed_domain_ready(
    bench: Workbench, annotated_file: Path, stored_version: Callable[..., PromptVersion]
) -> None:
    run = queued_run(bench, "machines", annotated_file)
    version = stored_version(bench, "machines")
    deploy(bench, "machines", version.id)
    ended(bench, run, RunStatus.FAILED)
    view = domains.view_domain(bench, "machines")
    assert (view.status, view.version) == (DomainStatus.READY, version.id)


def test_deleting_says_what_goes_and_keeps_the_samples(
    bench: Workbench, annotated_file: Path, stored_version: Callable[..., PromptVersion]
) -> None:
    run = queued_run(bench, "machines", annotated_file)
    ended(bench, run, RunStatus.FAILED)
    deploy(bench, "machines", stored_version(bench, "machines").id)
    effects = domains.delete_domain(bench, "machines")
    assert (effects.runs, effects.versions, effects.samples, effects.datasets) == (1, 1, 30, ("machines",))
    assert effects.sentence == "what goes: 1 run, 1 prompt version, 1 deployed prompt; what stays: 30 samples"
    kept = bench.store.get(Dataset, "machines")
    assert kept is not None
    assert (kept.domain, kept.deleted) == (None, False)
    assert deployed(bench, "machines") is None
    assert bench.store.check() == []


def test_a_domain_into_which_samples_are_coming_stays(bench: Workbench, annotated_file: Path) -> None:
    domains.create_domain(bench, "machines", SAID)
    import_samples(bench, dataset="halls", source=annotated_file, domain="machines")
    with holding(bench.store, "halls"), pytest.raises(BusyError):
        domains.delete_domain(bench, "machines")
    assert domains.view_domain(bench, "machines").samples == 30


def test_the_general_domain_stays(bench: Workbench) -> None:
    with pytest.raises(RequestError, match="cannot be deleted"):
        domains.delete_domain(bench, "general")


def test_a_domain_with_a_run_under_way_stays(bench: Workbench, annotated_file: Path) -> None:
    queued_run(bench, "machines", annotated_file)
    with pytest.raises(BusyError):
        domains.delete_domain(bench, "machines")
    assert domains.get_domain(bench, "machines").name == "machines"
