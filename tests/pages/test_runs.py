from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from core.records.runs import TrainingRun
from core.workbench import Workbench
from core.workflows.deployments import deployed
from core.workflows.runs import note_of

Open = Callable[..., AppTest]
Said = Callable[[AppTest], str]
Train = Callable[..., TrainingRun]


def test_without_runs_the_page_offers_to_train(open_page: Open, said: Said) -> None:
    assert "Nothing was trained yet." in said(open_page("runs"))


def test_runs_are_listed_and_filtered_by_domain(train_here: Train, open_page: Open, said: Said) -> None:
    run = train_here()
    at = open_page("runs")
    assert "1 run: did it get better, and is it real?" in said(at)
    assert list(at.dataframe[0].value["run"]) == [run.id]
    assert at.button(key="runs.open").disabled
    at.selectbox(key="runs.domain").set_value("general").run()
    assert "No run of this domain yet." in said(at)


def test_one_run_shows_three_gains_looks_scores_and_samples(train_here: Train, open_page: Open, said: Said) -> None:
    run = train_here()
    words = said(open_page("runs", run=run.id))
    for label in ("Gain on validation", "Gain on the sealed test, 95 % interval", "Gain by luck alone", "Looks at the sealed test"):
        assert label in words
    assert "Strict F1: place and type" in words
    assert "By type" in words
    assert "gold" in words


def test_a_run_without_a_result_says_so_instead_of_a_number(train_here: Train, open_page: Open, said: Said) -> None:
    words = said(open_page("runs", run=train_here(do=False).id))
    assert "its result comes when it has finished" in words
    assert "Gain by luck alone" not in words


def test_a_note_and_tags_are_kept(pages_bench: Workbench, train_here: Train, open_page: Open, said: Said) -> None:
    run = train_here()
    at = open_page("runs", run=run.id)
    at.text_area[0].set_value("**kept** as typed")
    next(field for field in at.text_input if field.label.startswith("Tags")).set_value("good, night, good")
    next(button for button in at.button if button.label == "Keep note").click().run()
    assert not at.exception
    kept = note_of(pages_bench, run.id)
    assert (kept.note, kept.tags) == ("**kept** as typed", ("good", "night"))


def test_two_runs_side_by_side_answer_whether_b_is_better(train_here: Train, open_page: Open, said: Said) -> None:
    a, b = train_here(seed=1), train_here(seed=2)
    at = open_page("runs", a=a.id, b=b.id)
    words = said(at)
    assert "notes: two runs side by side" in words
    assert "Is B better than A?" in words
    assert "same dataset version" in words
    assert "seed" in words
    assert "Entities: " in words


def test_next_goes_to_the_sample_with_the_next_largest_change(train_here: Train, open_page: Open) -> None:
    a, b = train_here(seed=1), train_here(seed=2)
    at = open_page("runs", a=a.id, b=b.id)
    chooser = at.selectbox(key="runs.pair_sample")
    ids = chooser.options
    assert chooser.value == ids[0]
    at.button(key="runs.next").click().run()
    assert at.selectbox(key="runs.pair_sample").value == ids[1]
    assert at.query_params["sample"] == ids[1]


def test_b_is_deployed_with_who_and_why(pages_bench: Workbench, train_here: Train, open_page: Open, said: Said) -> None:
    a, b = train_here(seed=1), train_here(seed=2)
    at = open_page("runs", a=a.id, b=b.id)
    at.text_input(key="runs.deploy.by").set_value("Ada")
    at.text_input(key="runs.deploy.why").set_value("better on the sealed test")
    at.button(key="runs.deploy.go").click().run()
    current = deployed(pages_bench, "notes")
    assert current is not None
    assert (current.version, current.by, current.why) == (b.version, "Ada", "better on the sealed test")
    assert "In production now:" in said(at)


def test_runs_that_cannot_be_compared_say_why(train_here: Train, open_page: Open, said: Said) -> None:
    run = train_here(do=False)
    assert "has no results on test samples" in said(open_page("runs", a=run.id, b=run.id))
    assert "There is no run" in said(open_page("runs", a="nobody", b="nothing"))
