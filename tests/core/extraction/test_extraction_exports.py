"""What was found leaves as files that other programs read, and comes back as suggestions without a problem."""

import csv
import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from core.datasets.formats.lines import decode_line
from core.datasets.validate import read_sample
from core.extraction.exports import as_json, as_jsonl, as_label_studio, as_native, as_table, label_config
from core.records.documents import Extraction
from core.records.samples import Sample
from core.workbench import Workbench
from core.workflows.domains import create_domain
from core.workflows.imports import import_samples
from tests.standins.extraction import PLAN, entity, extract, fake_line, finding, relation, said, task_of

TEXT = "🙂 The pump fills the tank.\r\nThe 𝔭ump 2 fills the vessel, =1+1 says Ада."
LINKS = [relation("pump", "fills", "tank"), relation("pump", "empties", "tank"), relation("𝔭ump 2", "fills", "vessel")]


def made(text: str = TEXT, answer: Any = None, name: str = "notes.txt", **plan: Any) -> Extraction:
    kinds = {"pump": "part", "tank": "part", "𝔭ump 2": "=part", "=1+1": "", "Ада": "person"}
    found = extract(text, fake_line(answer or finding(kinds, LINKS)), **{"wanted": 400} | plan)
    return Extraction(
        id=f"d/{name}", document="d", name=name, domain="general", version=None, model="fake/one", ms=1.0, tokens=PLAN.tokens.name,
        entities=found.entities, relations=found.relations, ungrounded=found.ungrounded, chunks=found.chunks,
    )  # fmt: skip


def test_json_and_jsonl_hold_every_document_whole() -> None:
    pair = [made(), made(name="other.txt")]
    assert json.loads(as_json(pair)) == [json.loads(line) for line in as_jsonl(pair)]
    form = json.loads(as_json(pair))[0]
    assert (form["file"], form["version"], form["failed_chunks"]) == ("notes.txt", None, 0)
    assert all(TEXT[each["start"] : each["end"]] == each["text"] for each in form["entities"])
    assert {(each["subject"], each["predicate"], each["object"]) for each in form["relations"]} == {
        ("pump", "fills", "tank"), ("pump", "empties", "tank"), ("𝔭ump 2", "fills", "vessel"),
    }  # fmt: skip


def test_jsonl_is_a_document_a_line() -> None:
    lines = list(as_jsonl([made(), made(name="a\nb.txt")]))
    assert [line.count(b"\n") for line in lines] == [1, 1]


def test_failed_chunks_are_named_in_the_export() -> None:
    form = json.loads(as_json([made(answer=lambda request: "no")]))[0]
    (failed,) = form["failures"]
    assert form["failed_chunks"] == 1
    assert failed["start"] == 0 and failed["end"] == len(TEXT) and "entities" in failed["error"]


def test_a_table_has_a_row_for_everything_and_no_cell_runs() -> None:
    rows = list(csv.DictReader(io.StringIO(as_table([made(name="=cmd.txt")]).decode("utf-8-sig"), newline="")))
    assert {row["kind"] for row in rows} == {"entity", "relation"} and len(rows) == 8
    assert {row["file"] for row in rows} == {"'=cmd.txt"}
    formula = next(row for row in rows if row["text"].endswith("=1+1"))
    assert formula["text"] == "'=1+1" and formula["type"] == ""
    assert {row["type"] for row in rows if row["text"] == "𝔭ump 2" and row["kind"] == "entity"} == {"'=part"}
    link = next(row for row in rows if row["kind"] == "relation" and row["object"] == "vessel")
    assert TEXT[int(link["start"]) : int(link["end"])] == link["text"] == "𝔭ump 2"
    assert TEXT[int(link["object_start"]) : int(link["object_end"])] == "vessel"


def utf16(text: str, start: int, end: int) -> str:
    """What stands between two UTF-16 units, as a browser counts them."""
    return text.encode("utf-16-le")[2 * start : 2 * end].decode("utf-16-le")


def results(extraction: Extraction, text: str = TEXT) -> list[dict[str, Any]]:
    (task,) = json.loads(as_label_studio([(extraction, text)]))
    assert task["data"]["text"] == text and "annotations" not in task
    (prediction,) = task["predictions"]
    found: list[dict[str, Any]] = prediction["result"]
    return found


def test_label_studio_gets_predictions_whose_offsets_are_utf_16_units() -> None:
    regions = [each for each in results(made()) if each["type"] == "labels"]
    assert {each["value"]["text"] for each in regions} == {"pump", "tank", "𝔭ump 2", "=1+1", "Ада", "vessel"}
    assert all(utf16(TEXT, each["value"]["start"], each["value"]["end"]) == each["value"]["text"] for each in regions)


def test_label_studio_gets_one_relation_a_pair_with_all_its_predicates() -> None:
    found = results(made())
    ids = {each["id"] for each in found if each["type"] == "labels"}
    linked = [each for each in found if each["type"] == "relation"]
    assert sorted(sorted(each["labels"]) for each in linked) == [["empties", "fills"], ["fills"]]
    assert all({each["from_id"], each["to_id"]} <= ids and each["direction"] == "right" for each in linked)
    assert len({(each["from_id"], each["to_id"]) for each in linked}) == len(linked)


def test_the_labeling_configuration_declares_every_label_however_hostile() -> None:
    names = ['<img src=x onerror="alert(1)">', "a & b", "it's", "\x07bell", "\u202eright"]

    def answer(request: Any) -> str:
        if task_of(request) == "entities":
            return said(request, [entity("pump", names[0]), entity("tank", names[1]), entity("vessel", names[4])])
        return said(request, [relation("pump", name, "tank") for name in names])

    extraction = made(answer=answer)
    config = ElementTree.fromstring(label_config([extraction]))
    used = {label for each in results(extraction) for label in each.get("labels", each.get("value", {}).get("labels", []))}
    declared = {each.get("value") for tag in ("Label", "Relation") for each in config.iter(tag)}
    assert used <= declared and names[0] in declared and "bell" in declared


def imported(bench: Workbench, folder: Path, lines: Iterable[bytes]) -> list[Sample]:
    path = folder / "suggestions.jsonl"
    path.write_bytes(b"".join(lines))
    create_domain(bench, "machines", "Notes about machines in a hall.")
    report = import_samples(bench, source=path, dataset="machines", domain="machines")
    assert not report.problems
    return list(bench.store.each(Sample, {"dataset": "machines"}))


def test_native_lines_are_imported_without_a_problem_and_say_that_they_are_suggestions(bench: Workbench, tmp_path: Path) -> None:
    extraction = made()
    (sample,) = imported(bench, tmp_path, as_native([(extraction, TEXT)]))
    assert sample.text == TEXT and sample.source == "suggestion" and sample.metadata["file"] == "notes.txt"
    entities, relations = sample.entities or (), sample.relations or ()
    assert {(each.text, each.type, each.start, each.end) for each in entities} == {
        (each.text, each.type, each.start, each.end) for each in extraction.entities
    } | {("vessel", None, TEXT.index("vessel"), TEXT.index("vessel") + 6)}
    assert {each.source for each in entities} == {each.source for each in relations} == {"suggestion"}
    by_id = {each.id: each.text for each in entities}
    assert {(by_id[each.subject_id], each.predicate, by_id[each.object_id]) for each in relations} == {
        (each.subject, each.predicate, each.object) for each in extraction.relations
    }


def test_native_lines_are_the_chunks_of_a_document_each_stretch_of_text_once(bench: Workbench, tmp_path: Path) -> None:
    text = "".join(
        f"In hall {number} the pump {number} fills the tank {number} at noon, before the level sinks. " for number in range(1, 21)
    )
    kinds = {f"{part} {number}": part for part in ("pump", "tank") for number in range(1, 21)}
    links = [relation(f"pump {number}", "fills", f"tank {number}") for number in range(1, 21)]
    extraction = made(text, finding(kinds, links), wanted=60, overlap=20)
    assert len(extraction.chunks) > 3 and any(chunk.overlap for chunk in extraction.chunks)
    lines = list(as_native([(extraction, text), (extraction, text)]))
    assert "".join(json.loads(line)["text"] for line in lines) == text
    samples = imported(bench, tmp_path, lines)
    assert {each.text for sample in samples for each in sample.entities or ()} == set(kinds)
    assert sum(len(sample.relations or ()) for sample in samples) == 20
    for sample in samples:
        start = sample.metadata["start"]
        assert text[start : start + len(sample.text)] == sample.text


anything = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20)


@given(
    text=anything.filter(lambda text: bool(text.strip())), words=st.lists(st.tuples(anything, anything), max_size=4),
    links=st.lists(st.tuples(anything, anything, anything), max_size=3),
)  # fmt: skip
def test_whatever_was_found_the_native_line_is_a_sample_in_order(
    text: str, words: list[tuple[str, str]], links: list[tuple[str, str, str]]
) -> None:
    whole = " ".join([text, *(word for word, _ in words), *(end for one, _, other in links for end in (one, other))])

    def answer(request: Any) -> str:
        if task_of(request) == "entities":
            return said(request, [entity(*each) for each in words])
        return said(request, [relation(*each) for each in links])

    extraction = made(whole, answer)
    drafts = [read_sample(decode_line(line)) for line in as_native([(extraction, whole)])]
    assert "".join(draft.text for draft in drafts) == whole
    assert sum(len(draft.entities or ()) for draft in drafts) >= len(extraction.entities)
    assert sum(len(draft.relations or ()) for draft in drafts) == len(extraction.relations)
    regions = [each for each in results(extraction, whole) if each["type"] == "labels"]
    assert all(utf16(whole, each["value"]["start"], each["value"]["end"]) == each["value"]["text"] for each in regions)


def test_an_empty_result_is_a_complete_export() -> None:
    empty = made("Nothing here.", finding({}))
    assert as_table([empty]).count(b"\r\n") == 1
    assert json.loads(next(iter(as_native([(empty, "Nothing here.")])))) | {"metadata": 0} == {
        "text": "Nothing here.", "entities": [], "relations": [], "source": "suggestion", "metadata": 0,
    }  # fmt: skip
