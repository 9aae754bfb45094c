from collections.abc import Callable

import pytest

from core.errors import InvalidValueError, RequestError, UnknownNameError
from core.records.prompts import PromptVersion, Stage
from core.workbench import Workbench
from core.workflows.deployments import deploy, deployed, history, rollback
from core.workflows.domains import create_domain
from core.workflows.prompts import versions_of

Versions = Callable[..., PromptVersion]


@pytest.fixture
def machines(bench: Workbench) -> Workbench:
    create_domain(bench, "machines", "Reports about machines in a hall.")
    return bench


def current(bench: Workbench) -> str | None:
    found = deployed(bench, "machines")
    return found.version if found else None


def test_deploying_retires_what_was_there_and_keeps_the_decision(machines: Workbench, stored_version: Versions) -> None:
    first, second = stored_version(machines, "machines"), stored_version(machines, "machines")
    deploy(machines, "machines", first.id, by="ada", why="the first")
    deploy(machines, "machines", second.id)
    assert current(machines) == second.id
    retired = history(machines, "machines")[1]
    assert (retired.version, retired.stage, retired.was, retired.by, retired.why) == (
        first.id,
        Stage.RETIRED,
        Stage.PRODUCTION,
        "ada",
        "the first",
    )
    assert retired.until is not None
    assert {view.version: view.stage for view in versions_of(machines, "machines")} == {
        first.id: Stage.RETIRED,
        second.id: Stage.PRODUCTION,
    }


def test_deploying_the_same_twice_changes_nothing(machines: Workbench, stored_version: Versions) -> None:
    version = stored_version(machines, "machines")
    assert deploy(machines, "machines", version.id) == deploy(machines, "machines", version.id)
    assert len(history(machines, "machines")) == 1


def test_stages_stand_beside_each_other_but_a_version_has_one(machines: Workbench, stored_version: Versions) -> None:
    first, second = stored_version(machines, "machines"), stored_version(machines, "machines")
    deploy(machines, "machines", first.id)
    deploy(machines, "machines", second.id, stage=Stage.CANDIDATE)
    assert current(machines) == first.id
    deploy(machines, "machines", second.id)
    stages = [(decision.version, decision.stage) for decision in history(machines, "machines") if decision.stage is not Stage.RETIRED]
    assert stages == [(second.id, Stage.PRODUCTION)]


def test_a_rollback_takes_the_one_before_and_a_second_undoes_it(machines: Workbench, stored_version: Versions) -> None:
    versions = [stored_version(machines, "machines") for _ in range(3)]
    for version in versions:
        deploy(machines, "machines", version.id)
    made = rollback(machines, "machines")
    assert made.why == f"rollback from {versions[2].id}"
    assert current(machines) == versions[1].id
    rollback(machines, "machines")
    assert current(machines) == versions[2].id


def test_a_retired_candidate_is_no_version_to_roll_back_to(machines: Workbench, stored_version: Versions) -> None:
    candidate, other, production = (stored_version(machines, "machines") for _ in range(3))
    deploy(machines, "machines", production.id)
    deploy(machines, "machines", candidate.id, stage=Stage.CANDIDATE)
    deploy(machines, "machines", other.id, stage=Stage.CANDIDATE)
    with pytest.raises(RequestError, match="no other version"):
        rollback(machines, "machines")


def test_nothing_deployed_cannot_be_rolled_back(machines: Workbench) -> None:
    with pytest.raises(RequestError, match="no deployed version"):
        rollback(machines, "machines")


def test_a_version_of_another_domain_is_unknown_here(machines: Workbench, stored_version: Versions) -> None:
    create_domain(machines, "halls", "Reports about the halls themselves.")
    mine, foreign = stored_version(machines, "machines"), stored_version(machines, "halls")
    with pytest.raises(UnknownNameError) as unknown:
        deploy(machines, "machines", foreign.id)
    assert mine.id in unknown.value.hint
    with pytest.raises(UnknownNameError):
        deploy(machines, "nothing", mine.id)


def test_retired_is_no_stage_to_deploy_to(machines: Workbench, stored_version: Versions) -> None:
    version = stored_version(machines, "machines")
    with pytest.raises(InvalidValueError):
        deploy(machines, "machines", version.id, stage=Stage.RETIRED)
