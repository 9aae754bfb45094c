"""Queueing a run: what it takes, what is refused, what comes of it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest

from core.embeddings.fake import FakeEmbedder
from core.errors import BusyError, InvalidValueError, MissingPartError, RequestError, UnknownNameError
from core.records.domains import Matching, MetricConfig, Preset
from core.records.prompts import Deployment, Stage
from core.records.runs import Look, RunStatus, SampleOutcome, TrainingRun
from core.workbench import Workbench
from core.workflows.deployments import deployed
from core.workflows.train import TrainRequest, estimate
from tests.standins.training import BUILTIN, FakeModel, builtin_answer, do, furnish, log_of, prompts_in, queue, samples, with_model


@pytest.fixture
def docs(bench: Workbench, tmp_path: Path) -> Workbench:
    furnish(bench, tmp_path, samples())
    return bench


def test_equal_inputs_give_the_finished_run_unless_forced(docs: Workbench) -> None:
    first = do(docs, queue(docs))
    assert queue(docs) == first
    assert docs.store.count(TrainingRun) == 1
    again = queue(docs, force=True)
    assert again.id != first.id and again.status is RunStatus.PENDING


@pytest.mark.parametrize(
    "other",
    [{"seed": 2}, {"optimizer": "bootstrap"}, {"max_labeled_demos": 3}, {"metric": MetricConfig.of(Preset.RECALL)},
     {"metric": MetricConfig(entity_weight=0.5)}],
)  # fmt: skip
def test_other_inputs_are_another_run(docs: Workbench, other: dict[str, Any]) -> None:
    first = do(docs, queue(docs))
    assert queue(docs, **other).id != first.id


def test_a_model_with_another_digest_is_another_run(docs: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    model = FakeModel(builtin_answer())
    bench = with_model(docs, model)
    first = do(bench, queue(bench, model="fake/one"))
    changed = [info.model_copy(update={"digest": "d2"}) for info in model.models()]
    monkeypatch.setattr(model, "models", lambda: changed)
    again = queue(bench, model="fake/one")
    assert (again.id != first.id, again.model_digest) == (True, "d2")


def test_a_failed_run_is_not_given_for_a_finished_one(docs: Workbench) -> None:
    bench = with_model(docs, FakeModel(lambda request: "nothing"))
    failed = do(bench, queue(bench, model="fake/one"))
    assert failed.status is RunStatus.FAILED
    assert queue(bench, model="fake/one").id != failed.id


def test_a_second_run_of_a_domain_is_refused_and_one_of_another_is_not(docs: Workbench, tmp_path: Path) -> None:
    first = queue(docs)
    with pytest.raises(BusyError, match=f"run {first.id} of docs is pending") as caught:
        queue(docs, seed=2)
    assert "--cancel" in caught.value.hint
    furnish(docs, tmp_path, samples(train=9), domain="others")
    assert queue(docs, domain="others", dataset="others").status is RunStatus.PENDING


def test_two_that_ask_at_once_get_one_run(docs: Workbench) -> None:
    ready, refused = Barrier(2), list[BusyError]()

    def ask(seed: int) -> None:
        ready.wait(30)
        try:
            queue(docs, seed=seed)
        except BusyError as error:
            refused.append(error)

    asking = [Thread(target=ask, args=(seed,)) for seed in (1, 2)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join(30)
    assert (docs.store.count(TrainingRun), len(refused)) == (1, 1)


def test_ids_that_would_collide_in_one_second_are_numbered(docs: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    first = do(docs, queue(docs))
    monkeypatch.setattr("core.workflows.train.now", lambda: first.created_at)
    second = do(docs, queue(docs, force=True))
    third = queue(docs, force=True)
    assert (second.id, third.id) == (f"{first.id}-2", f"{first.id}-3")


def test_the_first_completed_run_deploys_and_the_second_waits_for_a_decision(docs: Workbench) -> None:
    first = do(docs, queue(docs))
    second = do(docs, queue(docs, seed=2))
    assert first.version != second.version
    now = deployed(docs, "docs")
    assert now is not None and now.version == first.version
    [decision] = docs.store.page(Deployment)
    assert (decision.stage, decision.why) == (Stage.PRODUCTION, "first completed run of the domain")


def test_every_finished_run_is_one_look_at_its_test_samples(docs: Workbench) -> None:
    assert [do(docs, queue(docs, seed=seed)).looks for seed in (1, 2, 3)] == [1, 2, 3]
    assert docs.store.count(Look) == 3


def test_without_test_samples_nothing_is_proven(bench: Workbench, tmp_path: Path) -> None:
    furnish(bench, tmp_path, samples(test=0))
    run = do(bench, queue(bench))
    assert run.status is RunStatus.COMPLETED
    assert run.gain is not None and run.gain.verdict == "not proven: no test samples"
    assert run.gain.test is run.gain.low is run.baseline is run.result is None
    assert run.gain.validation is not None and run.gain.by_luck is not None
    assert (run.looks, bench.store.count(Look)) == (0, 0)


def test_under_five_test_samples_are_too_few_to_tell(bench: Workbench, tmp_path: Path) -> None:
    furnish(bench, tmp_path, samples(test=4))
    run = do(bench, queue(bench))
    assert run.gain is not None and run.gain.verdict.startswith("too few to tell (n = 4")
    assert run.gain.test is not None and run.gain.low is run.gain.high is None


def without_relations(splits: tuple[str, ...]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    def edit(sample: dict[str, Any]) -> dict[str, Any]:
        return sample | {"relations": None} if sample["split"] in splits else sample

    return edit


def test_a_dataset_without_relations_trains_entities_and_its_score_is_theirs(bench: Workbench, tmp_path: Path) -> None:
    furnish(bench, tmp_path, samples(edit=without_relations(("train", "val", "test"))))
    run = do(bench, queue(bench))
    assert run.tasks == ("entities",)
    assert {state.name.value: state.status for state in run.phases}["relation_extraction_optimization"] == "skipped"
    assert run.result is not None and run.result.relation_f1 is None
    assert run.result.score == run.result.entity_f1
    assert run.progress_percent == 100


def test_samples_whose_relations_nobody_annotated_teach_none_and_test_none(bench: Workbench, tmp_path: Path) -> None:
    furnish(bench, tmp_path, samples(train=8, val=4, test=6, edit=mixed))
    run = do(bench, queue(bench, optimizer="bootstrap"))
    assert run.tasks == ("entities", "relations")
    outcomes = bench.store.page(SampleOutcome, {"run_id": run.id, "side": "result"})
    for outcome in outcomes:
        unannotated = int(outcome.sample_id.rpartition("-")[2]) % 2 == 1
        assert (outcome.relation_f1 is None) == unannotated
        assert not unannotated or outcome.score == outcome.entity_f1
    assert {outcome.relation_f1 is None for outcome in outcomes} == {True, False}
    about = [prompt for prompt in prompts_in(log_of(bench, run)) if "`relations`" in prompt]
    odd = [sample["text"] for sample in samples(8, 4, 6, edit=mixed) if sample["relations"] is None]
    assert about and not any(text in prompt for text in odd for prompt in about)


def mixed(sample: dict[str, Any]) -> dict[str, Any]:
    """Every other sample has no annotated relations."""
    return sample | {"relations": None} if int(sample["id"].rpartition("-")[2]) % 2 == 1 else sample


SEMANTIC = MetricConfig(matching=Matching.SEMANTIC)


def test_semantic_matching_names_its_embedder_and_its_thresholds(docs: Workbench) -> None:
    bench = replace(docs, embedder=FakeEmbedder())
    run = do(bench, queue(bench, metric=SEMANTIC))
    assert run.status is RunStatus.COMPLETED, run.error
    assert run.embedder == "fake"
    own = FakeEmbedder()
    assert (run.metric.entity_threshold, run.metric.relation_threshold) == (own.entity_threshold, own.relation_threshold)
    assert do(docs, queue(docs)).embedder is None


class Unloadable(FakeEmbedder):
    """An embedder whose parts are not installed."""

    def encode(self, texts: Any) -> Any:
        raise MissingPartError("torch is not installed", hint="install it")


def test_where_no_embedder_can_be_loaded_words_are_compared_and_the_run_says_so(docs: Workbench) -> None:
    bench = replace(docs, embedder=Unloadable())
    run = do(bench, queue(bench, metric=SEMANTIC))
    assert run.status is RunStatus.COMPLETED, run.error
    assert "jaccard" in (run.embedder or "").lower()
    assert (run.metric.entity_threshold, run.metric.relation_threshold) == (0.75, 0.70)


def test_what_is_unknown_is_named_with_what_exists(docs: Workbench) -> None:
    for wish, known in (("domain", "docs"), ("dataset", "docs"), ("optimizer", "bootstrap"), ("model", BUILTIN)):
        with pytest.raises(UnknownNameError) as caught:
            queue(docs, **{wish: "builtin/nothing" if wish == "model" else "nothing"})
        assert known in caught.value.hint
    assert docs.store.count(TrainingRun) == 0


def test_a_dataset_of_another_domain_is_refused(docs: Workbench, tmp_path: Path) -> None:
    furnish(docs, tmp_path, samples(train=9), domain="others")
    with pytest.raises(RequestError, match="belongs to domain 'others'"):
        queue(docs, dataset="others")


def test_a_log_that_would_leave_its_folder_queues_nothing(docs: Workbench) -> None:
    with pytest.raises(InvalidValueError):
        queue(docs, log_path="../x")
    assert docs.store.count(TrainingRun) == 0


def test_the_estimate_knows_the_speed_and_the_price_only_after_calls(docs: Workbench) -> None:
    bench = with_model(docs, FakeModel(builtin_answer(), price=(1.0, 2.0)))
    asked = TrainRequest(domain="docs", dataset="docs", optimizer="labeled_few_shot", model="fake/one")
    before = estimate(bench, asked)
    assert (before.tokens, before.usd, before.minutes) == (None, None, None)
    assert "not measured" in before.basis
    run = do(bench, queue(bench, model="fake/one"))
    after = estimate(bench, asked)
    assert (after.calls, after.calls_at_most) == (before.calls, before.calls_at_most)
    assert after.tokens == 2000 * after.calls
    assert after.usd == pytest.approx(0.003 * after.calls)
    assert run.cost.estimated_cost_usd == pytest.approx(0.003 * run.calls)
