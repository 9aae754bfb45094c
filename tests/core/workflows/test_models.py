import pytest

from core.errors import ModelUnavailableError, UnknownNameError
from core.records.models import Call, Text
from core.workbench import Workbench
from core.workflows import models
from core.workflows.domains import create_domain


def test_a_provider_that_does_not_answer_is_reported_beside_the_others(bench: Workbench) -> None:
    found = models.list_models(bench)
    assert [info.id for info in found.models] == ["builtin/in-context"]
    assert [problem.provider for problem in found.problems] == ["ollama"]
    assert found.problems[0].hint


def test_a_test_is_a_real_call_in_the_ledger(bench: Workbench) -> None:
    found = models.test_model(bench, "builtin/in-context")
    assert "Marie Curie" in found.answer
    models.test_model(bench, "builtin/in-context")
    calls = bench.store.page(Call)
    assert sorted(call.occurrence for call in calls) == [1, 2]
    assert {call.error for call in calls} == {None}
    answer = bench.store.get(Text, calls[0].answer_ref or "")
    assert answer is not None
    assert answer.content == found.answer


def test_testing_a_model_that_is_not_there_says_what_is(bench: Workbench) -> None:
    with pytest.raises(UnknownNameError) as unknown:
        models.test_model(bench, "builtin/other")
    assert "builtin/in-context" in unknown.value.hint
    with pytest.raises(ModelUnavailableError):
        models.test_model(bench, "ollama/qwen3:32b")


def test_the_built_in_model_is_the_last_resort(bench: Workbench) -> None:
    assert models.default_model(bench).id == "builtin/in-context"


def test_a_named_model_that_is_gone_is_never_replaced(bench: Workbench) -> None:
    domain = create_domain(bench, "machines", "Reports about machines in a hall.", model="ollama/qwen3:32b")
    with pytest.raises(ModelUnavailableError):
        models.default_model(bench, domain)
    assert models.default_model(bench, domain, model="builtin/in-context").id == "builtin/in-context"
