from collections.abc import Callable

import pytest

from core.errors import RequestError, UnknownNameError
from core.records.prompts import PromptVersion
from core.workbench import Workbench
from core.workflows.deployments import deploy
from core.workflows.domains import create_domain
from core.workflows.prompts import get_version, prompt_document, versions_of

Versions = Callable[..., PromptVersion]


@pytest.fixture
def machines(bench: Workbench) -> Workbench:
    create_domain(bench, "machines", "Reports about machines in a hall.")
    return bench


def test_the_version_in_production_is_the_default(machines: Workbench, stored_version: Versions) -> None:
    first, _ = stored_version(machines, "machines", "First."), stored_version(machines, "machines", "Second.")
    deploy(machines, "machines", first.id)
    assert prompt_document(machines, "machines") == {
        "domain": "machines",
        "version": first.id,
        "entities": [{"role": "system", "content": "First."}, {"role": "user", "content": "Text: {source_text}"}],
        "relations": [],
    }


def test_a_domain_without_versions_says_how_to_get_one(machines: Workbench) -> None:
    with pytest.raises(RequestError) as refused:
        prompt_document(machines, "machines")
    assert "train machines" in refused.value.hint


def test_a_domain_with_versions_but_none_in_production_names_them(machines: Workbench, stored_version: Versions) -> None:
    version = stored_version(machines, "machines")
    with pytest.raises(RequestError) as refused:
        get_version(machines, "machines")
    assert version.id in refused.value.hint
    assert get_version(machines, "machines", version.id) == version


def test_a_version_of_another_domain_is_unknown(machines: Workbench, stored_version: Versions) -> None:
    create_domain(machines, "halls", "Reports about the halls themselves.")
    foreign = stored_version(machines, "halls")
    with pytest.raises(UnknownNameError):
        get_version(machines, "machines", foreign.id)


def test_versions_come_newest_first_with_their_scores(machines: Workbench, stored_version: Versions) -> None:
    versions = [stored_version(machines, "machines") for _ in range(3)]
    found = versions_of(machines, "machines")
    assert [view.version for view in found] == [version.id for version in reversed(versions)]
    assert {view.stage for view in found} == {None}
    assert found[0].scores is not None
    assert found[0].scores.entity_f1 == 0.5
