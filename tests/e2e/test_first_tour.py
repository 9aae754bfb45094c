"""The first hour of a newcomer, in a real browser: load, bring, train, interrupt, compare, deploy, attack.

The tests share a server and a store and go in order, as a visitor does; `SCREENSHOTS=folder` keeps a picture of each page.
"""

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e import tour as on
from tests.e2e.conftest import Start
from tests.e2e.tour import LONG, QUICK, Tour, store_in

VERDICT = re.compile(r"better|worse|no difference shown|too few to tell")


@pytest.fixture(scope="module")
def tour(browser: Browser, serve: Start, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tour]:
    folder = tmp_path_factory.mktemp("tour")
    served = serve("-m", "app", "--port", "{port}", store=store_in(folder))
    going = Tour(browser, serve, folder, served)
    yield going
    going.leave()
    going.served.stop()
    on.end_all(going.store)


@pytest.fixture(autouse=True)
def nothing_went_wrong(tour: Tour) -> Iterator[None]:
    """After every stop of the tour: no console error, no refusal by the content policy, no request to another host."""
    yield
    wrong, tour.wrong = tour.wrong, []
    assert wrong == []


def test_a_first_start_offers_the_sample_domains_and_one_click_loads_them(tour: Tour) -> None:
    tour.open()
    tour.says("Nothing here yet")
    tour.shot("01-first-start")
    tour.button("Load the four sample domains").click()
    tour.says("4 sample domains are loaded")
    table = tour.page.get_by_test_id("stDataFrame").first
    expect(table.locator("canvas td", has_text="tech_docs").first).to_be_attached(timeout=QUICK)
    shown = on.cells(table)
    assert {"clinical_notes", "legal_contracts", "tech_docs", "technische_doku"} <= set(shown)
    tour.shot("01-loaded")


def test_a_domain_is_made_by_form_and_a_bad_name_keeps_what_was_typed(tour: Tour) -> None:
    tour.open("domains", view="new")
    words = "Short notes from a ward: what was found, what was given."
    tour.page.get_by_label("Description").fill(words)
    tour.page.get_by_label("Name").fill("Field Notes!")
    tour.button("Create").click()
    refused = tour.page.locator(".notice.error")
    expect(refused).to_be_visible(timeout=QUICK)
    expect(refused.locator(".hint")).not_to_be_empty()
    expect(tour.page.get_by_label("Description")).to_have_value(words)
    tour.shot("02-bad-name")
    tour.page.get_by_label("Name").fill("field_notes")
    tour.button("Create").click()
    tour.says("Domain field_notes is made")
    tour.shot("02-made")


def test_an_import_shows_what_it_would_do_and_where_the_bad_lines_are_before_it_writes(tour: Tour) -> None:
    lines = [json.dumps(row) for row in on.small()]
    lines[4:4] = ['{"text": "half a line']
    lines[20:20] = ['{"entities": ["nothing to read"]}']
    content = "\n".join(lines).encode()

    tour.preview("notes.jsonl", content, dataset="notes", domain="field_notes")
    tour.says("nothing is written yet")
    tour.says("2 problems")
    problems = tour.page.get_by_test_id("stDataFrame").first
    expect(problems.locator("canvas td", has_text="21").first).to_be_attached(timeout=QUICK)
    assert {"5", "21"} <= set(on.cells(problems))
    tour.shot("03-preview")
    assert tour.core("domains", "show", "field_notes")["samples"] == 0
    tour.button("Add 40 samples").click()
    tour.says("40 samples added to notes")
    table = tour.page.get_by_test_id("stDataFrame").first
    expect(table.locator("canvas td", has_text="note-").first).to_be_attached(timeout=QUICK)
    tour.shot("03-imported")
    tour.preview("notes.jsonl", content, dataset="notes", domain="field_notes")
    expect(tour.button("Add 0 samples")).to_be_disabled(timeout=QUICK)
    tour.shot("03-again")


def test_a_run_is_watched_left_and_found_again(tour: Tour) -> None:
    tour.have("mixed", on.many)
    run = tour.train("mixed", seed=7, effort="Medium")
    on.wait_for_points(tour, more_than=0)
    begun, seen, noted = on.progress(tour), on.points(tour), on.last_event(tour)
    on.wait_for_points(tour, more_than=seen)
    tour.shot("04-running")
    on.wait_for_events(tour, after=noted)
    tour.page.reload()
    tour.settle()
    expect(tour.button("Stop")).to_be_visible(timeout=QUICK)
    assert tour.linked("run") == run
    on.wait_for_points(tour, more_than=0, within=QUICK)
    assert on.progress(tour) >= begun
    before = on.last_event(tour)
    tour.leave()
    tour.open("train", run=run)
    on.wait_for_events(tour, after=before)
    expect(tour.page.get_by_role("link", name="The prompt it made")).to_be_visible(timeout=LONG)
    tour.says(VERDICT)
    tour.says("Completed after")
    expect(tour.page).to_have_title("Completed: mixed")
    tour.shot("04-finished")


def test_a_run_whose_process_is_killed_is_shown_as_interrupted_and_resumes(tour: Tour) -> None:
    tour.have("mixed", on.many)
    run = tour.train("mixed", seed=8)
    on.wait_for_points(tour, more_than=0)
    process = tour.attempt(run)
    assert process is not None
    process.kill()
    tour.says("The run was interrupted")
    tour.shot("05-interrupted")
    tour.button("Resume").click()
    expect(tour.button("Stop")).to_be_visible(timeout=QUICK)
    expect(tour.page.get_by_role("link", name="The prompt it made")).to_be_visible(timeout=LONG)
    tour.says("Completed after")
    expect(tour.page.locator(".newest")).to_contain_text("completed")
    tour.shot("05-resumed")


def test_a_cancelled_run_says_so_soon_and_keeps_what_it_had(tour: Tour) -> None:
    tour.have("mixed", on.many)
    run = tour.train("mixed", seed=9, effort="Medium")
    on.wait_for_points(tour, more_than=1)
    noted = on.last_event(tour)
    tour.button("Stop").click()
    tour.says("Cancelled. The best so far is kept.")
    tour.says("Cancelled after")
    assert on.last_event(tour) >= noted
    assert on.points(tour) >= 2
    ended = tour.core("run", run)
    assert ended["status"] == "cancelled"
    assert ended["version"]
    tour.shot("06-cancelled")


def test_two_runs_are_set_side_by_side_by_clicking(tour: Tour) -> None:
    on.have_two_runs(tour)
    tour.open("runs", domain="mixed")
    table = tour.page.get_by_test_id("stDataFrame").first
    expect(table.locator("canvas td", has_text="completed").first).to_be_attached(timeout=QUICK)
    rows = [row for row, text in enumerate(on.statuses(table)) if "completed" in text]
    tour.shot("07-runs")
    for row in rows[:2]:
        table.click(position={"x": 16, "y": 28 * row + 46})  # its rows are painted, not elements
        tour.settle()
    expect(tour.button("Compare")).to_be_enabled(timeout=QUICK)
    tour.button("Compare").click()
    tour.says("two runs side by side")
    for chip in (".chip.run-a", ".chip.run-b"):
        expect(tour.page.locator(chip).first).to_be_visible(timeout=QUICK)
    tour.says("Is B better than A?")
    tour.says(VERDICT)
    expect(tour.page.locator(".js-plotly-plot .errorbar").first).to_be_attached(timeout=QUICK)
    differs = tour.page.locator("table", has=tour.page.get_by_text("setting", exact=True))
    expect(differs).to_contain_text("seed")
    for side in ("gold", "A", "B"):
        expect(tour.page.locator(".row-name", has_text=re.compile(rf"^{side}$")).first).to_be_attached(timeout=QUICK)
    assert tour.page.locator(".passage .span").count() > 3
    tour.shot("07-compare")
    tour.page.mouse.wheel(0, 900)
    tour.shot("07-compare-below")


def test_prompts_are_diffed_deployed_and_rolled_back(tour: Tour) -> None:
    on.have_two_runs(tour)
    versions = [run["version"] for run in on.completed(tour)]
    newer, older = versions[0], versions[1]
    tour.open("prompts", domain="mixed", a=older, b=newer)
    expect(tour.page.locator("ins").first).to_be_visible(timeout=QUICK)
    expect(tour.page.locator("del").first).to_be_visible(timeout=QUICK)
    tour.shot("08-diff")
    on.deploy(tour)
    tour.says(f"In production now: {newer}")
    tour.open("prompts", domain="mixed", version=older, a=newer)
    on.deploy(tour)
    tour.says(f"In production now: {older}")
    expect(tour.page.get_by_role("combobox", name="Version")).to_have_value(re.compile(rf"{older} · production"))
    tour.shot("08-deployed")
    tour.button("Roll back").click()
    tour.says(f"In production again: {newer}")


def test_a_run_outlives_the_server_and_the_next_server_shows_it(tour: Tour) -> None:
    tour.have("mixed", on.many)
    run = tour.train("mixed", seed=10)
    on.wait_for_points(tour, more_than=0)
    noted = on.last_event(tour)
    tour.leave()
    tour.served.process.kill()
    tour.served.process.wait(30)
    assert tour.attempt(run) is not None
    tour.served = tour.serve("-m", "app", "--port", "{port}", store=tour.store)
    tour.open("train", run=run)
    on.wait_for_events(tour, after=noted)
    tour.shot("09-after-the-kill")
    expect(tour.page.get_by_role("link", name="The prompt it made")).to_be_visible(timeout=LONG)
    kinds = tour.happened(run)
    assert (kinds.count("started"), kinds.count("resumed"), kinds.count("completed")) == (1, 0, 1)


def test_hostile_texts_and_names_are_shown_as_text_everywhere(tour: Tour) -> None:
    attack = "<script>owned=1</script><img src=x onerror=owned=1> ![x](http://evil.example/?q=1) :material/home: :red[x]"
    tour.open("domains", view="new")
    tour.page.get_by_label("Name").fill("hostile")
    tour.page.get_by_label("Description").fill(f"{attack} \u202etxet")
    tour.button("Create").click()
    tour.says("Domain hostile is made")
    tour.shot("10-domain")
    lines = [json.dumps(each) for each in on.hostile(attack)] + [f'{{"text": "{attack}', '{"entities": ["\u202e"]}']
    name = "<img src=x onerror=owned=1>:material:home:![x](http:evil.example).jsonl"
    tour.preview(name, "\n".join(lines).encode(), dataset="hostile", domain="hostile")
    tour.says("2 problems")
    problems = tour.page.get_by_test_id("stDataFrame").first
    expect(problems.locator("canvas td", has_text="owned=1").first).to_be_attached(timeout=QUICK)
    assert "\u202e" not in "".join(on.cells(problems))
    tour.shot("10-preview")
    tour.button("Add 12 samples").click()
    tour.says("12 samples added to hostile")
    tour.open("datasets", dataset="hostile", sample="h01")
    passage = tour.page.locator(".passage").first
    expect(passage).to_contain_text("<script>owned=1</script>", timeout=QUICK)
    expect(passage).to_contain_text("![x](http://evil.example/?q=1)")
    expect(passage).to_contain_text(":material/home:")
    assert "\u202e" not in (passage.text_content() or "")
    tour.shot("10-sample")
    tour.open("train", domain="hostile")
    tour.choose("Optimizer", re.compile("Labeled", re.IGNORECASE))
    tour.button("Start training").click()
    run = tour.linked("run")
    expect(tour.page.get_by_role("link", name="The prompt it made")).to_be_visible(timeout=LONG)
    for stop in ({"name": ""}, {"name": "domains", "domain": "hostile"}, {"name": "train", "run": run}, {"name": "runs", "run": run}):
        on.harmless(tour, **stop)
    for view in ("Plain prompt", "Demos"):
        on.harmless(tour, "prompts", domain="hostile", view=view)
        expect(tour.page.get_by_test_id("stCode").filter(has_text="<script>owned=1</script>").first).to_be_attached(timeout=QUICK)
    tour.shot("10-demos")


def test_a_training_is_started_by_keys_alone(tour: Tour) -> None:
    tour.have("keyed", lambda: "".join(f"{json.dumps(row)}\n" for row in on.small()))
    tour.open("train", domain="keyed")
    tour.says(re.compile(r"About [\d,]+ calls"))
    on.press_until(tour, "Optimizer")
    tour.page.keyboard.press("ArrowDown")
    expect(tour.page.get_by_role("listbox")).to_be_visible(timeout=QUICK)
    tour.page.keyboard.press("ArrowDown")
    tour.page.keyboard.press("Enter")
    expect(tour.page.get_by_role("combobox", name="Optimizer")).not_to_have_value(re.compile("MIPRO"), timeout=QUICK)
    tour.settle()
    on.press_until(tour, "Start training")
    look = tour.page.evaluate("(({outlineStyle, boxShadow}) => [outlineStyle, boxShadow])(getComputedStyle(document.activeElement))")
    assert look[0] not in ("none", "") or look[1] not in ("none", ""), f"the focused button cannot be told from others: {look}"
    tour.shot("11-focus")
    tour.page.keyboard.press("Enter")
    tour.linked("run")
    tour.says("The prompt it made", within=LONG)


def test_the_dark_scheme_is_readable_on_every_page(tour: Tour) -> None:
    on.have_two_runs(tour)
    runs = [run["run_id"] for run in on.completed(tour)]
    stops: list[tuple[str, dict[str, str]]] = [
        ("", {}), ("domains", {"domain": "mixed"}), ("datasets", {"dataset": "mixed"}), ("train", {"domain": "mixed"}),
        ("train", {"run": runs[0]}), ("runs", {"run": runs[0]}), ("runs", {"a": runs[1], "b": runs[0]}), ("prompts", {"domain": "mixed"}),
    ]  # fmt: skip
    tour.arrive(scheme="dark")
    faint = []
    for number, (name, selection) in enumerate(stops):
        tour.open(name, **selection)
        faint += [f"{name or 'overview'}: {each}" for each in tour.page.evaluate(on.FAINT_TEXTS)]
        tour.shot(f"12-dark-{number}-{name or 'overview'}")
    assert faint == []
