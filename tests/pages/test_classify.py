import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app import chosen
from app.classifying import Pile, Training
from app.views.classify_acts import KEYS
from app.views.classify_rows import sort_of
from app.views.classify_sources import FOLDER, HERE
from core.cli.classify import document as exported
from core.embeddings.fake import FakeEmbedder
from core.errors import ModelUnavailableError
from core.records.documents import Classification, Document, Guess, Level
from core.records.domains import GENERAL
from core.records.prompts import Stage
from core.records.recognizer import DomainFigures, EpochLosses, GateResult, RecognizerVersion
from core.records.tables import as_csv
from core.store.base import Put
from core.workbench import Workbench
from core.workflows.classify import Classified, classification_of, override
from core.workflows.documents import ReadDocument, keep_document, newest_documents
from core.workflows.domains import create_domain, set_ready
from core.workflows.samples import load_samples

Open = Callable[..., AppTest]
Said = Callable[[AppTest], str]

FILES = [(f"note-{number}.txt", f"The pump number {number} was looked at and oiled.".encode(), "text/plain") for number in range(4)]
BROKEN = [("empty.txt", b"", "text/plain"), ("scan.pdf", b"%PDF-1.4 nothing more", "application/pdf")]
HOSTILE = "<img src=x onerror=alert(1)> **bold** [l](javascript:alert(1)) :red[x].txt"


def ready(bench: Workbench) -> None:
    """Two domains that documents may be given."""
    create_domain(bench, "pumps", "Notes of engineers about pumps, valves and their repair.")
    create_domain(bench, "leases", "Contracts between the owner of a house and those who live in it.")
    for name in ("pumps", "leases"):
        set_ready(bench, name)


def kept(bench: Workbench, name: str, domain: str = "pumps", level: Level = "High", **more: Any) -> Document:
    """A document that came in before, and what was recognized."""
    document = keep_document(bench, ReadDocument(name=name, text=f"This is what {name} says.", kind="txt", notes=("read as Latin-1",)))
    answer = Classification(
        document=document.id, name=name,
        **{
            "domain": domain, "recognized": domain, "confidence": 0.91, "score": 0.62, "level": level, "none": 0.05, "threshold": 0.5,
            "alternatives": (Guess(domain="pumps", confidence=0.91, score=0.62), Guess(domain="leases", confidence=0.04, score=0.31)),
            "embedder": "fake", "digest": "d",
        } | more,
    )  # fmt: skip
    bench.store.write([Put(record=answer)])
    return document


def pile_of(at: AppTest) -> Pile:
    found: Pile = at.session_state["kept.classify.pile"]
    return found


def wait(at: AppTest) -> AppTest:
    """Until everything that was brought is recognized, then what the page says of it."""
    thread = pile_of(at).thread
    assert thread is not None
    thread.join(120)
    at.run()
    assert not at.exception
    return at


def brought(at: AppTest, files: list[tuple[str, bytes, str]]) -> AppTest:
    at.file_uploader[0].set_value(files).run()
    return wait(at)


def select(at: AppTest, *rows: int) -> AppTest:
    """Select rows of the table by their places."""
    table = next(each.proto.id.split("-", 2)[2] for each in at.dataframe)
    at.session_state[table] = {"selection": {"rows": list(rows), "columns": [], "cells": []}}
    return at.run()


def apply(at: AppTest, domain: str) -> AppTest:
    at.selectbox(key="classify.domain_by_hand").set_value(domain).run()
    at.button(key="classify.apply").click().run()
    assert not at.exception
    return at


def test_without_a_ready_domain_the_page_says_so_and_keeps_what_is_brought(pages_bench: Workbench, open_page: Open, said: Said) -> None:
    at = open_page("classify")
    assert "No domain is ready" in said(at)
    at = brought(at, FILES)
    assert "4 documents recognized in" in said(at)
    assert "4 belong to none" in said(at)
    assert [row.domain for row in newest_documents(pages_bench)] == [GENERAL] * 4


def test_files_begin_at_once_and_each_is_listed_with_its_domain_and_the_next_best(
    pages_bench: Workbench, open_page: Open, said: Said
) -> None:
    ready(pages_bench)
    at = open_page("classify")
    assert "fake, none: it counts letters · 2 ready domains · threshold 0.50 · no trained head" in said(at)
    at = brought(at, FILES + BROKEN)
    words = said(at)
    assert "4 documents recognized in" in words
    assert "; 2 files could not be read" in words
    assert "empty.txt" in words
    assert "The file is empty." in words
    table = at.dataframe[0].value
    assert list(table["document"]) == [name for name, _, _ in FILES]
    answers = [classification_of(pages_bench, row.document.id) for row in pile_of(at).rows if row.document]
    assert list(table["domain"]) == [answer.domain for answer in answers if answer]
    assert not pile_of(at).sources


def test_an_embedder_that_cannot_be_reached_loses_nothing_and_is_tried_again(
    open_page: Open, pages_bench: Workbench, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready(pages_bench)

    def gone(_: FakeEmbedder, texts: list[str]) -> Any:
        raise ModelUnavailableError("the embedder is gone", hint="start it")

    with monkeypatch.context() as patched:
        patched.setattr(FakeEmbedder, "encode", gone)
        at = brought(open_page("classify"), FILES)
        assert "4 files not done to the end, and kept here." in said(at)
        assert "The embedder is gone" in said(at)
        assert not at.dataframe
    assert at.button(key="classify.again").label == "Try again"
    at.button(key="classify.again").click().run()
    assert "4 documents recognized in" in said(wait(at))


def test_more_files_join_the_list_until_a_new_one_is_begun(open_page: Open, pages_bench: Workbench) -> None:
    ready(pages_bench)
    at = brought(open_page("classify"), FILES[:2])
    at = brought(at, FILES[2:])
    assert len(at.dataframe[0].value) == 4
    at.button(key="classify.clear").click().run()
    assert sorted(at.dataframe[0].value["document"]) == [name for name, _, _ in FILES]  # now as those that came in last
    assert "kept.classify.pile" not in at.session_state or not pile_of(at).rows


def taken_twice() -> None:
    import streamlit as st  # noqa: PLC0415 - AppTest runs this function's text as a script of its own

    from app.views import classify_sources  # noqa: PLC0415

    st.file_uploader("Files", accept_multiple_files=True, key="given", on_change=classify_sources._take, args=("given",))
    if st.button("Again"):
        classify_sources._take("given")


def test_files_that_are_told_twice_are_taken_once(pages_bench: Workbench) -> None:
    ready(pages_bench)
    at = AppTest.from_function(taken_twice, default_timeout=30).run()
    at.file_uploader[0].set_value(FILES).run()
    at.button[0].click().run()
    wait(at)
    assert len(pile_of(at).rows) == len(FILES)


def test_a_folder_is_brought_as_a_folder(open_page: Open, pages_bench: Workbench) -> None:
    ready(pages_bench)
    at = open_page("classify")
    at.segmented_control(key="classify.way").set_value(FOLDER).run()
    assert at.file_uploader[0].accept_directory
    at = brought(at, [("letters/a/one.txt", b"a letter", "text/plain")])
    assert list(at.dataframe[0].value["document"]) == ["letters/a/one.txt"]


def test_a_folder_on_this_machine_is_read_where_it_lies(open_page: Open, pages_bench: Workbench, said: Said, tmp_path: Path) -> None:
    ready(pages_bench)
    folder = tmp_path / "letters"
    folder.mkdir()
    for name, content, _ in FILES:
        (folder / name).write_bytes(content)
    at = open_page("classify")
    at.segmented_control(key="classify.way").set_value(HERE).run()
    at.text_input(key="classify.path").set_value(str(tmp_path / "nowhere")).run()
    at.button(key="classify.begin").click().run()
    assert "nowhere on this machine" in said(at)
    at.text_input(key="classify.path").set_value(str(folder)).run()
    at.button(key="classify.begin").click().run()
    assert len(wait(at).dataframe[0].value) == 4


def test_who_is_not_on_this_machine_cannot_name_its_folders(open_page: Open, pages_bench: Workbench) -> None:
    chosen.choose(chosen.settings().model_copy(update={"host": "0.0.0.0"}))
    assert HERE not in open_page("classify").segmented_control(key="classify.way").options


def test_one_selected_document_shows_its_alternatives_and_how_it_begins(pages_bench: Workbench, open_page: Open, said: Said) -> None:
    document = kept(pages_bench, "valve.txt")
    at = select(open_page("classify"), 0)
    words = said(at)
    for each in ("might be", "leases", "0.31", "none of these", "0.05", "read as Latin-1", "This is what valve.txt says."):
        assert each in words, each
    assert at.query_params["document"] == document.id


def test_a_link_selects_a_document(pages_bench: Workbench, open_page: Open, said: Said) -> None:
    documents = [kept(pages_bench, f"valve-{number}.txt") for number in range(3)]
    at = open_page("classify", document=documents[1].id)
    assert "This is what valve-1.txt says." in said(at)
    assert at.button(key="classify.extract").label == "Extract 1"


def test_a_link_to_an_older_document_shows_it_though_it_is_not_listed(pages_bench: Workbench, open_page: Open, said: Said) -> None:
    oldest = kept(pages_bench, "oldest.txt")
    for number in range(50):
        kept(pages_bench, f"newer-{number}.txt")
    at = open_page("classify", document=oldest.id)
    assert "oldest.txt" not in list(at.dataframe[0].value["document"])
    assert "This is what oldest.txt says." in said(at)


def test_a_link_to_nothing_says_so(open_page: Open, pages_bench: Workbench, said: Said) -> None:
    kept(pages_bench, "valve.txt")
    assert "There is no document 'gone'" in said(open_page("classify", document="gone"))


def test_several_documents_are_set_by_hand_at_once_and_taken_back(pages_bench: Workbench, open_page: Open, said: Said) -> None:
    ready(pages_bench)
    at = brought(open_page("classify"), FILES)
    at = select(at, 0, 2)
    assert at.button(key="classify.apply").label == "Apply to 2"
    at = apply(at, "leases")
    assert "2 documents set to leases." in said(at)
    assert "2 documents set by hand so far" in said(at)
    assert list(at.dataframe[0].value["sure"] == "set by hand") == [True, False, True, False]
    assert [bool(said_of(pages_bench, row).overridden) for row in pile_of(at).rows] == [True, False, True, False]
    assert ", 2 set by hand" in said(at)
    at.button(key="classify.take_back").click().run()
    assert "Taken back for 2 documents" in said(at)
    assert not any(said_of(pages_bench, row).overridden for row in pile_of(at).rows)


def said_of(bench: Workbench, row: Classified) -> Classification:
    assert row.document is not None
    found = classification_of(bench, row.document.id)
    assert found is not None
    return found


def test_what_somebody_else_set_meanwhile_is_shown_and_not_overwritten(pages_bench: Workbench, open_page: Open, said: Said) -> None:
    ready(pages_bench)
    at = brought(open_page("classify"), FILES)
    at = select(at, 0, 1)
    theirs = pile_of(at).rows[1].document
    assert theirs is not None
    override(pages_bench, [theirs.id], "pumps", by="Ada")
    at = apply(at, "leases")
    assert "Nothing was set: somebody else changed 1 document meanwhile" in said(at)
    assert "Now: note-1.txt pumps, by Ada." in said(at)
    assert [said_of(pages_bench, row).overridden_by for row in pile_of(at).rows[:2]] == [None, "Ada"]
    assert at.dataframe[0].value["domain"][1] == "pumps"
    at.button(key="classify.apply").click().run()  # now that it was seen
    assert [said_of(pages_bench, row).domain for row in pile_of(at).rows[:2]] == ["leases", "leases"]


def test_filters_tell_the_sorts_apart(pages_bench: Workbench, open_page: Open, said: Said) -> None:
    kept(pages_bench, "sure.txt")
    kept(pages_bench, "unsure.txt", level="Medium", confidence=0.6)
    kept(pages_bench, "foreign.txt", domain=GENERAL, level="Low", confidence=0.2)
    kept(pages_bench, "hand.txt", domain="leases", recognized="pumps", overridden=True, overridden_by="Ada")
    at = open_page("classify")
    assert "1 sure, 1 unsure, 1 belongs to none, 1 set by hand" in said(at)
    for sort, name in (("sure", "sure.txt"), ("unsure", "unsure.txt"), ("none", "foreign.txt"), ("hand", "hand.txt")):
        at.selectbox(key="classify.sort").set_value(sort).run()
        assert list(at.dataframe[0].value["document"]) == [name]
    assert list(at.dataframe[0].value["next best"]) == ["recognized: pumps 0.91"]
    at.selectbox(key="classify.sort").set_value("unreadable").run()
    assert "No document is like that." in said(at)
    at.selectbox(key="classify.sort").set_value(None)
    at.selectbox(key="classify.domain").set_value("pumps").run()
    assert sorted(at.dataframe[0].value["document"]) == ["sure.txt", "unsure.txt"]


def test_nothing_stays_selected_where_a_change_moves_the_rows(pages_bench: Workbench, open_page: Open) -> None:
    ready(pages_bench)
    at = brought(open_page("classify"), FILES)
    at.selectbox(key="classify.sort").set_value(sort_of(pile_of(at).rows[0])).run()
    at = apply(select(at, 0), "leases")
    assert at.button(key="classify.apply").label == "Apply to 0"


def test_the_export_holds_what_the_command_line_prints(pages_bench: Workbench, open_page: Open) -> None:
    ready(pages_bench)
    at = brought(open_page("classify"), [*FILES, *BROKEN, ("=1+1.txt", b"a formula by name", "text/plain")])
    rows = [exported(row) for row in pile_of(at).rows]
    assert {key for row in rows for key in row} == set(KEYS)
    assert at.download_button(key="classify.export.json").label == "JSON"


def test_everything_shown_is_handed_to_extraction(pages_bench: Workbench, open_page: Open) -> None:
    documents = [kept(pages_bench, f"valve-{number}.txt") for number in range(3)]
    at = open_page("classify")
    at.button(key="classify.extract").click().run()
    job: Any = at.session_state["kept.extract.job"]
    job.stop.set()
    job.thread.join(60)
    handed = {*job.documents, *(entry.document for entry in job.entries)}
    assert handed == {document.id for document in documents}


def test_a_hostile_name_is_drawn_as_text(pages_bench: Workbench, open_page: Open, said: Said) -> None:
    ready(pages_bench)
    at = brought(open_page("classify"), [(HOSTILE, b"a text", "text/plain"), (f"<b>{HOSTILE}", b"", "text/plain")])
    at = select(at, 0)
    assert "onerror" in said(at)
    drawn = [*at.markdown, *at.get("html"), *at.error, *at.warning]
    assert not [element for element in drawn if "onerror" in str(getattr(element, "value", ""))]
    assert not [button for button in at.button if "onerror" in button.label]


def test_a_turned_name_is_seen_in_the_table(pages_bench: Workbench, open_page: Open) -> None:
    kept(pages_bench, "a\u202etxt.exe\x07")
    assert list(open_page("classify").dataframe[0].value["document"]) == ["a\u2426txt.exe\u2407"]


# the recognizer


def head(name: str, *, passed: bool = True, stage: Stage = Stage.CANDIDATE) -> RecognizerVersion:
    gates = tuple(
        GateResult(domain=domain, gate=gate, value=value, threshold=threshold, passed=passed)
        for domain in ("leases", "pumps")
        for gate, value, threshold in (
            ("min_accuracy", 0.9, 0.85), ("max_latency_ms", 31.0, 500), ("max_training_loss", 0.123, 0.3),
            ("max_validation_loss", 0.31, 0.35),
        )
    )  # fmt: skip
    figures = tuple(
        DomainFigures(
            domain=domain, training=40, validation=10, overrides=1, accuracy=0.9, training_loss=0.123, validation_loss=None, latency_ms=31
        )
        for domain in ("leases", "pumps")
    )
    return RecognizerVersion(
        id=name, embedder="fake", digest="words-as-lengths-16", domains=("leases", "pumps"), weights="", temperature=1.0, seed=1,
        epochs=(EpochLosses(epoch=1, training=0.6, validation=0.7), EpochLosses(epoch=2, training=0.2, validation=0.4)), figures=figures,
        confusion=((9, 1), (0, 10)), accuracy=0.95, training_loss=0.123, validation_loss=0.4, calibration_error=0.031, gates=gates,
        stage=stage, why="every gate passed",
    )  # fmt: skip


def test_without_a_head_the_view_says_what_tells_the_domains_apart(open_page: Open, pages_bench: Workbench, said: Said) -> None:
    at = open_page("classify", view="recognizer")
    assert "No head was trained yet" in said(at)
    assert at.button(key="classify.train").disabled  # nothing to tell apart
    ready(pages_bench)
    assert not at.run().button(key="classify.train").disabled


def test_a_head_is_shown_with_its_gates_and_what_it_takes_for_what(open_page: Open, pages_bench: Workbench, said: Said) -> None:
    ready(pages_bench)
    pages_bench.store.write([Put(record=head("recognizer-v1", stage=Stage.PRODUCTION))])
    at = open_page("classify", view="recognizer")
    words = said(at)
    assert "· recognizer-v1\n" in words
    assert "Recognizer-v1 tells the domains apart." in words
    assert "8 of 8 passed" in words
    assert "at least 0.85" in words
    assert "at most 500 ms" in words
    assert at.get("plotly_chart")


def test_a_head_of_other_domains_says_why_it_is_not_used(open_page: Open, pages_bench: Workbench, said: Said) -> None:
    ready(pages_bench)
    pages_bench.store.write([Put(record=head("recognizer-v1", stage=Stage.PRODUCTION))])
    create_domain(pages_bench, "mails", "Letters that customers write about what they bought.")
    set_ready(pages_bench, "mails")
    assert "recognizer-v1 is not used: it does not know mails" in said(open_page("classify"))


def test_a_candidate_is_taken_into_use_and_rolled_back(open_page: Open, pages_bench: Workbench, said: Said) -> None:
    ready(pages_bench)
    first, second = head("recognizer-v1", stage=Stage.PRODUCTION), head("recognizer-v2", passed=False)
    pages_bench.store.write([Put(record=first), Put(record=second)])
    at = open_page("classify", view="recognizer", version="recognizer-v2")
    assert "8 gates of 8 did not hold." in said(at)
    at.text_input(key="classify.deploy.by").set_value("Ada").run()
    at.button(key="classify.deploy.go").click().run()
    assert "In production now: recognizer-v2." in said(at)
    at.button(key="classify.rollback").click().run()
    assert "In production again: recognizer-v1." in said(at)


def test_training_without_enough_texts_says_what_is_missing(open_page: Open, pages_bench: Workbench, said: Said) -> None:
    ready(pages_bench)
    at = open_page("classify", view="recognizer")
    at.button(key="classify.train").click().run()
    job: Training = at.session_state["kept.classify.training"]
    assert job.thread is not None
    job.thread.join(120)
    at.run()
    assert "Every domain needs 5 texts" in said(at)
    assert "5 more of pumps" in said(at)


def test_training_makes_a_version_that_is_listed(open_page: Open, pages_bench: Workbench, said: Said) -> None:
    ready(pages_bench)
    for domain, words in (("pumps", "pump oil gear axle"), ("leases", "apartment landlord agreement notice")):
        documents = [keep_document(pages_bench, ReadDocument(name="x", text=f"{words} {'x' * number}", kind="txt")) for number in range(8)]
        pages_bench.store.write(
            [
                Put(
                    record=Classification(
                        document=each.id, name="x", domain=domain, recognized=GENERAL, confidence=None, score=None, level="Low", none=None,
                        threshold=0.5, embedder="fake", digest="d", overridden=True,
                    )
                )
                for each in documents
            ]
        )  # fmt: skip
    at = open_page("classify", view="recognizer")
    assert "16 documents set by hand so far: 16 would teach the next head." in said(at)
    at.button(key="classify.train").click().run()
    job: Training = at.session_state["kept.classify.training"]
    assert job.thread is not None
    job.thread.join(240)
    at.run()
    assert job.error is None
    assert job.version is not None
    assert f"{job.version.id} was trained in" in said(at)
    assert "the newest, learned from 16" in said(at)


def test_csv_cells_run_nothing() -> None:
    row = exported(Classified(file="=cmd|' /C calc'!A0", error="damaged", hint="save it again"))
    cells = next(csv.DictReader(io.StringIO(as_csv([row], KEYS).decode("utf-8-sig"))))
    assert cells["file"].startswith("'=")
    assert json.loads(cells["alternatives"]) == []


@pytest.mark.parametrize("name", ["classify", "extract"])
def test_the_pages_of_use_open_on_an_empty_store(name: str, open_page: Open) -> None:
    assert not open_page(name).exception


def test_the_sample_documents_are_offered_while_nothing_was_brought(pages_bench: Workbench, open_page: Callable[..., AppTest]) -> None:
    assert not [each for each in open_page("classify").button if each.key == "classify.samples.button"]
    list(load_samples(pages_bench, only="tech_docs"))
    wait(open_page("classify").button("classify.samples.button").click().run())
    assert {row.document.name[-4:] for row in newest_documents(pages_bench)} == {".txt"}
    assert len(newest_documents(pages_bench)) == 12
