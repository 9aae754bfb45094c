from collections.abc import Callable
from pathlib import Path

from streamlit.testing.v1 import AppTest

from core.records.runs import RunStatus, TrainingRun
from core.store.base import Put
from core.workbench import Workbench
from core.workflows import samples
from core.workflows.domains import create_domain
from core.workflows.imports import import_samples
from core.workflows.runs import list_runs

Open = Callable[..., AppTest]
Said = Callable[[AppTest], str]
Train = Callable[..., TrainingRun]


def test_without_a_domain_the_page_offers_to_make_one(open_page: Open, said: Said) -> None:
    at = open_page("train")
    assert "There is no domain to train yet." in said(at)
    assert at.button(key="train.no_domain.button").label == "Make a domain"


def test_a_domain_without_samples_is_sent_to_its_data(pages_bench: Workbench, open_page: Open, said: Said) -> None:
    create_domain(pages_bench, "notes", "Short notes about patients.")
    at = open_page("train", domain="notes")
    assert "This domain has no samples yet." in said(at)


def test_the_estimate_stands_before_the_click_with_its_basis(train_here: Train, open_page: Open, said: Said) -> None:
    at = open_page("train", domain="notes")
    words = said(at)
    assert "at most" in words
    assert "minutes unknown" in words
    assert "The model's speed is not measured yet." in words
    assert not at.button(key="train.start").disabled


def test_starting_queues_a_run_with_what_was_chosen_and_opens_it(pages_bench: Workbench, train_here: Train, open_page: Open) -> None:
    at = open_page("train", domain="notes")
    at.selectbox(key="train.optimizer").set_value("bootstrap")
    at.number_input(key="train.seed").set_value(7)
    at.number_input(key="train.calls").set_value(500)
    at.text_input(key="train.log_name").set_value("Auto")
    at.run()
    at.button(key="train.start").click().run()
    assert not at.exception
    (run,) = list_runs(pages_bench)
    assert (run.optimizer.name, run.seed, run.ceilings.max_calls, run.status) == ("bootstrap", 7, 500, RunStatus.PENDING)
    assert run.log_path
    assert at.query_params["run"] == run.id


def test_own_weights_reach_the_run_and_sum_to_one(pages_bench: Workbench, train_here: Train, open_page: Open) -> None:
    at = open_page("train", domain="notes")
    at.selectbox(key="train.preset.notes").set_value("custom").run()
    at.slider(key="train.precision.notes").set_value(0.2).run()
    at.button(key="train.start").click().run()
    (run,) = list_runs(pages_bench)
    assert (run.metric.precision_weight, run.metric.recall_weight) == (0.2, 0.8)


def test_too_few_samples_are_refused_before_the_click(pages_bench: Workbench, tmp_path: Path, open_page: Open, said: Said) -> None:
    lines = (samples.FOLDER / "clinical_notes" / "samples.jsonl").read_text(encoding="utf-8").splitlines()
    few = tmp_path / "few.jsonl"
    few.write_text("\n".join(lines[:4]), encoding="utf-8")
    create_domain(pages_bench, "notes", "Short notes about patients.")
    import_samples(pages_bench, dataset="few", source=few, domain="notes")
    at = open_page("train", domain="notes")
    assert "needs 6 annotated samples" in said(at)
    assert "Add at least" in said(at)
    assert at.button(key="train.start").disabled


def test_a_second_run_of_a_domain_is_refused_before_the_click_and_listed(train_here: Train, open_page: Open, said: Said) -> None:
    going = train_here(do=False)
    at = open_page("train", domain="notes")
    assert "one at a time for each domain" in said(at)
    assert going.id in said(at)
    assert at.button(key="train.start").disabled


def test_stopping_a_queued_run_cancels_it(pages_bench: Workbench, train_here: Train, open_page: Open, said: Said) -> None:
    run = train_here(do=False)
    at = open_page("train", run=run.id)
    assert "Waiting for the runner" in said(at)
    at.button(key="train.stop").click().run()
    assert list_runs(pages_bench)[0].status is RunStatus.CANCELLED
    assert "Cancelled before there was anything to keep." in said(at)


def test_a_finished_run_says_what_it_won_and_what_changed(train_here: Train, open_page: Open, said: Said) -> None:
    run = train_here()
    at = open_page("train", run=run.id)
    words = said(at)
    assert "notes, trained with Labeled few-shot" in words
    assert "Entities: " in words
    assert "Completed after" in words
    assert "Samples that changed" in words
    assert "evaluation result" in words
    assert not [button for button in at.button if button.key == "train.stop"]


def test_an_interrupted_run_offers_to_resume(pages_bench: Workbench, train_here: Train, open_page: Open, said: Said) -> None:
    run = train_here(do=False)
    pages_bench.store.write([Put(record=run.model_copy(update={"status": RunStatus.INTERRUPTED}))])
    at = open_page("train", run=run.id)
    assert "The run was interrupted" in said(at)
    at.button(key="train.resume").click().run()
    assert list_runs(pages_bench)[0].status is RunStatus.PENDING


def test_a_failed_run_shows_reason_and_hint(pages_bench: Workbench, train_here: Train, open_page: Open, said: Said) -> None:
    run = train_here(do=False)
    changes = {"status": RunStatus.FAILED, "error": "the model <b>vanished</b>", "hint": "pull it"}
    pages_bench.store.write([Put(record=run.model_copy(update=changes))])
    words = said(open_page("train", run=run.id))
    assert "The model <b>vanished</b>" in words
    assert "Pull it" in words


def test_a_link_to_no_run_says_so_and_shows_the_form(train_here: Train, open_page: Open, said: Said) -> None:
    at = open_page("train", run="../../etc")
    assert "There is no such run here." in said(at)
    assert at.button(key="train.start")
