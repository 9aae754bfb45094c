import io
import json
from collections.abc import Callable
from typing import Any

from streamlit.testing.v1 import AppTest

from app.importing import Asked, Import, lines_of
from app.views.datasets_counts import exported
from core.workbench import Workbench
from core.workflows.datasets import get_dataset, list_datasets, remove_samples, samples_page
from core.workflows.imports import import_samples

Open = Callable[..., AppTest]
Said = Callable[[AppTest], str]


def line(number: int, **more: Any) -> str:
    entities = [{"id": "e", "text": "writer", "type": "component", "start": 4, "end": 10}]
    return json.dumps({"text": f"The writer reads log {number} and then goes on.", "entities": entities, "relations": [], **more})


GOOD = [line(number, id=f"s{number:03}") for number in range(60)]
BROKEN = [line(1), '{"text": "broken', line(2), line(3, entities=[{"id": "e", "text": "The", "start": 0, "end": 900}])]


def filled(bench: Workbench, lines: list[str] = GOOD, *, dataset: str = "logs") -> None:
    import_samples(bench, dataset=dataset, source=io.BytesIO("\n".join(lines).encode()))


def wait(at: AppTest) -> AppTest:
    """Until the import or preview of the session is done, then what the page says of it."""
    if "kept.datasets.import" in at.session_state:  # a quick one is over, and told of, within the click's own run
        job: Import = at.session_state["kept.datasets.import"]
        assert job.thread is not None
        job.thread.join(60)
    at.run()
    assert not at.exception
    return at


def pasted(at: AppTest, dataset: str, lines: list[str]) -> AppTest:
    at.text_input(key="datasets.import.name").set_value(dataset)
    at.segmented_control(key="datasets.import.way").set_value("Paste")
    at.run()
    at.text_area(key="datasets.import.pasted").set_value("\n".join(lines)).run()
    at.button(key="datasets.import.preview").click().run()
    return wait(at)


def test_an_empty_store_offers_an_import(open_page: Open, said: Said) -> None:
    at = open_page("datasets")
    assert "No data yet" in said(at)
    at.button(key="empty.button").click().run()
    assert at.query_params["view"] == "import"
    assert "Import samples" in said(at)


def test_a_preview_names_every_bad_line_and_writes_nothing(pages_bench: Workbench, open_page: Open, said: Said) -> None:
    at = pasted(open_page("datasets", view="import"), "logs", BROKEN)
    problems = at.dataframe[0].value
    assert list(problems["line"]) == [2, 4]
    assert "no valid JSON" in problems["message"][0]
    assert "2 problems" in said(at)
    assert at.button(key="datasets.import.commit").label == "Add 2 samples"
    assert list_datasets(pages_bench) == []


def test_a_commit_adds_the_good_lines_and_shows_the_dataset(pages_bench: Workbench, open_page: Open, said: Said) -> None:
    at = pasted(open_page("datasets", view="import"), "logs", BROKEN)
    at.button(key="datasets.import.commit").click().run()
    wait(at)
    assert get_dataset(pages_bench, "logs").version.counts.total == 2
    assert "2 samples added to logs; 2 problems listed under Problems." in said(at)
    assert at.query_params["dataset"] == "logs"


def test_a_changed_text_asks_for_a_new_preview(open_page: Open) -> None:
    at = pasted(open_page("datasets", view="import"), "logs", BROKEN)
    at.text_area(key="datasets.import.pasted").set_value(GOOD[0]).run()
    assert not [button for button in at.button if button.key == "datasets.import.commit"]


def test_a_name_that_no_dataset_can_have_is_refused_and_kept(open_page: Open, said: Said) -> None:
    at = pasted(open_page("datasets", view="import"), "No Such Name", GOOD)
    assert "cannot be the name of a dataset" in said(at)
    assert at.text_input(key="datasets.import.name").value == "No Such Name"


def test_lines_to_mend_are_given_whole_and_as_they_stand() -> None:
    content = ("x" * 5000 + "\r\nsecond\nthird").encode()
    assert lines_of(content, frozenset({1, 3})) == "x" * 5000 + "\nthird\n"


def test_samples_are_shown_a_page_at_a_time(pages_bench: Workbench, open_page: Open, said: Said) -> None:
    filled(pages_bench)
    at = open_page("datasets", dataset="logs")
    assert len(at.dataframe[0].value) == 50
    assert "1 to 50 of 60 samples" in said(at)


def test_a_filter_narrows_the_table_and_one_click_lifts_it(pages_bench: Workbench, open_page: Open, said: Said) -> None:
    filled(pages_bench)
    at = open_page("datasets", dataset="logs")
    at.text_input(key="datasets.filter.text").set_value("LOG 5 AND").run()
    assert list(at.dataframe[0].value["sample"]) == ["s005"]
    at.text_input(key="datasets.filter.text").set_value("nowhere").run()
    assert "No sample is like that." in said(at)
    at.button(key="datasets.none").click().run()
    assert "1 to 50 of 60 samples" in said(at)


def test_a_filter_never_shows_what_a_newer_version_no_longer_has(pages_bench: Workbench, open_page: Open) -> None:
    filled(pages_bench)
    at = open_page("datasets", dataset="logs")
    at.text_input(key="datasets.filter.text").set_value("log 5").run()
    before = len(at.dataframe[0].value)
    remove_samples(pages_bench, "logs", ids=["s005"])
    at.run()
    assert len(at.dataframe[0].value) == before - 1


def test_a_linked_sample_is_shown_with_its_spans(pages_bench: Workbench, open_page: Open, said: Said) -> None:
    filled(pages_bench)
    last = samples_page(pages_bench, "logs", offset=59).samples[0]  # not on the first page
    shown = said(open_page("datasets", dataset="logs", sample=last.id))
    assert f"\n{last.id}\n" in shown
    assert "\nwriter\ncomponent\n" in shown


def test_a_sample_that_is_gone_says_so(pages_bench: Workbench, open_page: Open, said: Said) -> None:
    filled(pages_bench)
    assert "has no sample 'gone'" in said(open_page("datasets", dataset="logs", sample="gone"))


def test_two_versions_are_compared(pages_bench: Workbench, open_page: Open, said: Said) -> None:
    filled(pages_bench)
    remove_samples(pages_bench, "logs", ids=["s001", "s002"])
    at = open_page("datasets", dataset="logs", view="versions")
    assert "0 added · 2 removed · 0 changed" in said(at)
    assert list(at.dataframe[1].value["sample"]) == ["s001", "s002"]
    assert (at.query_params["a"], at.query_params["b"]) == ("logs@1", "logs@2")


def test_a_hostile_text_is_drawn_as_text(pages_bench: Workbench, open_page: Open, said: Said) -> None:
    hostile = "<img src=x onerror=alert(1)> **bold** [l](javascript:alert(1))"
    filled(pages_bench, [json.dumps({"id": "h", "text": hostile, "entities": []})])
    at = open_page("datasets", dataset="logs", sample="h")
    assert hostile in said(at)
    assert not [element for element in at.markdown if "onerror" in element.value]


def test_an_export_imported_again_adds_nothing(pages_bench: Workbench, open_page: Open) -> None:
    filled(pages_bench)
    at = open_page("datasets", dataset="logs")
    assert at.download_button(key="datasets.export.logs").label == "Export"
    again = import_samples(pages_bench, dataset="logs", source=io.BytesIO(exported(pages_bench, "logs")))
    assert (again.lines, again.added, again.problems) == (60, 0, ())


def test_deleting_wants_the_name_and_takes_the_dataset(pages_bench: Workbench, open_page: Open, said: Said) -> None:
    filled(pages_bench)
    at = open_page("datasets", dataset="logs")
    assert "60 samples, 1 version" in said(at)
    at.text_input(key="datasets.delete.logs.typed").set_value("logs").run()
    at.button(key="datasets.delete.logs.confirm").click().run()
    assert list_datasets(pages_bench) == []
    assert "No data yet" in said(at)


def test_an_unknown_dataset_in_the_address_is_named_and_another_shown(pages_bench: Workbench, open_page: Open, said: Said) -> None:
    filled(pages_bench)
    at = open_page("datasets", dataset="gone")
    assert "There is no dataset 'gone'" in said(at)
    assert at.query_params["dataset"] == "logs"


def test_an_import_that_ended_while_one_looked_elsewhere_is_told_on_return(pages_bench: Workbench, open_page: Open, said: Said) -> None:
    at = pasted(open_page("datasets", view="import"), "logs", GOOD)
    at.button(key="datasets.import.commit").click().run()
    at.switch_page("../pages/domains.py").run()
    job: Import = at.session_state["kept.datasets.import"]
    assert job.thread is not None
    job.thread.join(60)
    at.switch_page("../pages/datasets.py").run()
    assert not at.exception
    assert "60 samples added to logs." in said(at)


def test_a_stopped_import_adds_nothing(pages_bench: Workbench) -> None:
    job = Import(Asked(dataset="logs", domain=None, content="\n".join(GOOD).encode(), name="a.jsonl"), preview=False)
    job.stop.set()
    job.start(pages_bench)
    assert job.thread is not None
    job.thread.join(60)
    assert job.report is not None
    assert job.report.stopped
    assert list_datasets(pages_bench) == []
