from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

import app.extracting
from app.extracting import Reading
from app.views.extract_answer import _file
from core.records.documents import Document, Extraction, FoundEntity, FoundRelation, ReadChunk, Ungrounded
from core.store.base import Put
from core.workbench import Workbench
from core.workflows.documents import ReadDocument, Upload, keep_document, newest_documents
from core.workflows.extract import ExtractRequest, Watch, extract_document, extractions_of
from core.workflows.extraction_exports import FORMATS

Open = Callable[..., AppTest]
Said = Callable[[AppTest], str]

NOTE = "Marie Curie worked in Paris. Pierre Curie worked in Paris, too."
HOSTILE = (
    "<img src=x onerror=alert(1)> **bold** ![b](https://attacker.invalid/?q=1) :material/bolt: :red[x] "
    "<script>alert(1)</script> \u202ertl\u202c {braces} [[ ## completed ## ]]"
)


def kept(bench: Workbench, text: str = NOTE, name: str = "note.txt") -> Document:
    return keep_document(bench, ReadDocument(name=name, text=text, kind="txt"))


def entity(text: str, name: str, kind: str | None = None, *, nth: int = 0) -> FoundEntity:
    at = -1
    for _ in range(nth + 1):
        at = text.index(name, at + 1)
    return FoundEntity(text=name, type=kind, start=at, end=at + len(name))


def relation(one: FoundEntity, predicate: str, other: FoundEntity) -> FoundRelation:
    return FoundRelation(
        subject=one.text, predicate=predicate, object=other.text, subject_start=one.start, subject_end=one.end,
        object_start=other.start, object_end=other.end,
    )  # fmt: skip


def found(bench: Workbench, document: Document, *entities: FoundEntity, **more: Any) -> Extraction:
    """An extraction as it stands in the store."""
    chunks = more.pop("chunks", (ReadChunk(index=0, start=0, end=document.characters, overlap=0, tokens=20, entities=len(entities)),))
    version = more.get("version")
    made = Extraction(
        id=f"{document.id}/{version or 'generic'}", document=document.id, name=document.name,
        **{"domain": "general", "version": None, "model": "builtin/in-context", "ms": 12, "relations": (), "tokens": "counted"} | more,
        entities=entities, chunks=chunks,
    )  # fmt: skip
    bench.store.write([Put(record=made)])
    return made


def wait(at: AppTest) -> AppTest:
    """Until what the session reads is read, then what the page says of it."""
    job: Reading = at.session_state["kept.extract.job"]
    done(job)
    at.run()
    assert not at.exception
    return at


def done(job: Reading) -> Reading:
    assert job.thread is not None
    job.thread.join(60)
    assert not job.running
    return job


def shown(at: AppTest, job: Reading) -> AppTest:
    at.session_state["kept.extract.job"] = job
    at.run()
    assert not at.exception
    return at


def labels(at: AppTest) -> list[str]:
    return [button.label for button in at.button]


def test_an_empty_page_asks_for_documents(open_page: Open, said: Said) -> None:
    at = open_page("extract")
    assert "What does it say?" in said(at)
    assert at.button(key="extract.start").disabled


def test_a_pasted_text_is_read_and_shown_under_an_address_of_its_own(pages_bench: Workbench, open_page: Open, said: Said) -> None:
    at = open_page("extract")
    at.segmented_control(key="extract.way").set_value("Paste").run()
    at.text_area(key="extract.pasted").set_value(NOTE).run()
    at.button(key="extract.start").click().run()
    wait(at)
    [row] = newest_documents(pages_bench)
    assert at.query_params["document"] == row.document.id
    [made] = extractions_of(pages_bench, row.document.id)
    assert made.entities
    assert f"pasted.txt: {len(made.entities)} entities, " in said(at)
    assert "generic prompt" in said(at)


def test_uploaded_files_are_listed_and_a_broken_one_stops_no_other(pages_bench: Workbench, open_page: Open, said: Said) -> None:
    at = open_page("extract")
    files = [
        ("a.txt", NOTE.encode(), "text/plain"),
        ("bad.pdf", b"%PDF-1.4 nothing", "application/pdf"),
        ("b.txt", b"Ada met Bob.", "text/plain"),
    ]
    at.file_uploader(key="extract.files").set_value(files).run()
    at.selectbox(key="extract.domain").set_value("general").run()
    at.button(key="extract.start").click().run()
    wait(at)
    words = said(at)
    assert "Not read: bad.pdf. " in words
    assert [row.document.name for row in newest_documents(pages_bench)] == ["b.txt", "a.txt"]
    assert all(extractions_of(pages_bench, row.document.id) for row in newest_documents(pages_bench))
    assert "Retry 1 failed" in labels(at)


def test_a_link_shows_what_was_found_and_survives_a_reload(pages_bench: Workbench, open_page: Open, said: Said) -> None:
    document = kept(pages_bench)
    one, two = entity(NOTE, "Marie Curie", "person"), entity(NOTE, "Paris", "place")
    found(pages_bench, document, one, two, entity(NOTE, "Paris", "place", nth=1), relations=(relation(one, "worked in", two),))
    for _ in range(2):
        words = said(open_page("extract", document=document.id))
        assert "note.txt: 3 entities, 1 relation" in words
        assert "2 different, 3 mentions" in words
        assert "worked in" in words


def test_a_document_that_was_never_read_is_offered(pages_bench: Workbench, open_page: Open, said: Said) -> None:
    document = kept(pages_bench)
    at = open_page("extract", document=document.id)
    assert "note.txt: not read yet" in said(at)
    assert NOTE in said(at)
    at.button(key="extract.offer").click().run()
    wait(at)
    assert extractions_of(pages_bench, document.id)
    assert "not read yet" not in said(at)


def test_an_unknown_document_is_named_and_another_can_be_chosen(open_page: Open, said: Said) -> None:
    at = open_page("extract", document="gone")
    assert "There is no document 'gone'" in said(at)
    at.button(key="extract.choose").click().run()
    assert "What does it say?" in said(at)


def test_failed_chunks_are_listed_with_their_reason_and_can_be_read_again(pages_bench: Workbench, open_page: Open, said: Said) -> None:
    document = kept(pages_bench)
    read = ReadChunk(index=0, start=0, end=28, overlap=0, tokens=9, entities=1)
    failed = ReadChunk(index=1, start=28, end=len(NOTE), overlap=0, tokens=9, error="the answer was cut off", hint="use a larger context")
    found(pages_bench, document, entity(NOTE, "Paris"), chunks=(read, failed))
    at = open_page("extract", document=document.id)
    words = said(at)
    assert f"Chunk 2 of 2 (characters 29 to {len(NOTE)}) could not be read: the answer was cut off" in words
    assert "Use a larger context" in words
    at.button(key="extract.retry").click().run()
    wait(at)
    assert not extractions_of(pages_bench, document.id)[0].failed
    assert "could not be read" not in said(at)


def test_one_reason_of_many_chunks_is_told_once(pages_bench: Workbench, open_page: Open, said: Said) -> None:
    document = kept(pages_bench)
    chunks = tuple(ReadChunk(index=n, start=n, end=n + 1, overlap=0, tokens=1, error="Ollama is gone", hint="start it") for n in range(9))
    found(pages_bench, document, chunks=chunks)
    words = said(open_page("extract", document=document.id))
    assert "note.txt: could not be read" in words
    assert words.count("Ollama is gone") == 1
    assert "None of the 9 chunks could be read" in words


def test_a_chunk_that_failed_at_its_relations_keeps_its_entities(pages_bench: Workbench, open_page: Open, said: Said) -> None:
    document = kept(pages_bench)
    half = ReadChunk(index=0, start=0, end=len(NOTE), overlap=0, tokens=9, entities=1, error="the server is gone")
    found(pages_bench, document, entity(NOTE, "Paris"), chunks=(half,))
    words = said(open_page("extract", document=document.id))
    assert "note.txt: 1 entity, 0 relations" in words
    assert "could not be read to the end: the server is gone" in words


def test_a_model_that_found_nothing_is_no_failure(pages_bench: Workbench, open_page: Open, said: Said) -> None:
    document = kept(pages_bench)
    found(pages_bench, document)
    words = said(open_page("extract", document=document.id))
    assert "note.txt: 0 entities, 0 relations" in words
    assert "The model found nothing; " in words


def test_names_that_are_not_in_the_text_are_counted_and_listed_on_demand(pages_bench: Workbench, open_page: Open, said: Said) -> None:
    document = kept(pages_bench)
    lost = tuple(Ungrounded(kind="entity", said=name, chunk=0) for name in ("Einstein", "Berlin"))
    found(pages_bench, document, entity(NOTE, "Paris"), ungrounded=(*lost, Ungrounded(kind="relation", said="a knows b", chunk=0)))
    at = open_page("extract", document=document.id)
    assert "2 names and 1 relation were not in the text and were left out." in said(at)
    assert "Einstein" not in said(at)
    at.segmented_control[0].set_value("Left out").run()
    assert "Einstein" in said(at)
    assert "a knows b" in said(at)


def test_prompt_and_answer_of_a_chunk_are_shown_as_plain_text_on_demand(pages_bench: Workbench, open_page: Open) -> None:
    document = kept(pages_bench, f"{NOTE} {HOSTILE}")
    extract_document(pages_bench, document.id, ExtractRequest(domain="general"))
    at = open_page("extract", document=document.id)
    assert not at.code
    at.segmented_control[0].set_value("Chunks, prompts and answers").run()
    assert any("Marie Curie worked in Paris." in each.value for each in at.code)
    assert any("attacker.invalid" in each.value for each in at.code)
    assert not any("\u202e" in each.value for each in at.code)
    assert not [each for each in at.markdown if "attacker.invalid" in each.value]


def test_hostile_names_and_texts_are_drawn_as_text(pages_bench: Workbench, open_page: Open, said: Said) -> None:
    text = f"😀 Ada {HOSTILE}"
    document = kept(pages_bench, text, name=HOSTILE[:150])
    one, two = entity(text, "Ada", HOSTILE), entity(text, "<script>alert(1)</script>")
    found(
        pages_bench,
        document,
        one,
        two,
        relations=(relation(one, HOSTILE, two),),
        ungrounded=(Ungrounded(kind="entity", said=HOSTILE, chunk=0),),
    )
    at = open_page("extract", document=document.id)
    at.segmented_control[0].set_value("Left out").run()
    assert HOSTILE in said(at)
    assert "\nAda\n" in said(at)
    for kind in ("markdown", "caption", "button", "segmented_control", "expander"):
        assert not [each for each in at.get(kind) if "attacker" in str(getattr(each, "value", "")) + str(getattr(each, "label", ""))]


def test_the_version_in_the_address_is_shown_beside_the_others(pages_bench: Workbench, open_page: Open, said: Said) -> None:
    document = kept(pages_bench)
    found(pages_bench, document, entity(NOTE, "Paris"), version="notes-v1")
    found(pages_bench, document, entity(NOTE, "Paris"), entity(NOTE, "Marie Curie"))
    assert "2 entities" in said(open_page("extract", document=document.id))
    at = open_page("extract", document=document.id, version="notes-v1")
    assert "1 entity" in said(at)
    at.segmented_control[0].set_value("Beside another prompt").run()
    assert "In both 1, here only 0, there only 1" in said(at)


def test_what_classify_hands_over_is_read_at_once(pages_bench: Workbench, open_page: Open, said: Said) -> None:
    documents = [kept(pages_bench, f"{NOTE} {number}", f"{number}.txt").id for number in range(3)]
    at = open_page("extract")
    at.session_state["kept.extract.documents"] = documents
    at.run()
    wait(at)
    assert all(extractions_of(pages_bench, each) for each in documents)
    words = said(at)
    assert [name for name in ("0.txt", "1.txt", "2.txt") if f"\n{name}\n" in words] == ["0.txt", "1.txt", "2.txt"]
    assert at.query_params["document"] == documents[0]
    assert "kept.extract.documents" not in at.session_state


def test_a_stop_keeps_what_was_read_and_the_rest_is_read_on_demand(
    pages_bench: Workbench, open_page: Open, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = tuple(kept(pages_bench, f"{NOTE} {number}", f"{number}.txt").id for number in range(3))
    job = Reading(documents=documents)

    def one_then_stop(bench: Workbench, document: str, request: ExtractRequest, *, watch: Watch) -> Extraction:
        job.stop.set()
        return extract_document(bench, document, request)

    with monkeypatch.context() as patched:
        patched.setattr(app.extracting, "extract_document", one_then_stop)
        done(job.go(pages_bench))
    at = shown(open_page("extract"), job)
    assert "Stopped: 1 of 3 documents read." in said(at)
    at.button(key="extract.go_on").click().run()
    wait(at)
    assert all(extractions_of(pages_bench, each) for each in documents)
    assert "Stopped" not in said(at)


def test_an_error_loses_nothing_that_was_brought(pages_bench: Workbench, open_page: Open, said: Said) -> None:
    job = Reading(request=ExtractRequest(domain="gone"), uploads=(Upload("a.txt", NOTE.encode()),))
    done(job.go(pages_bench))
    at = shown(open_page("extract"), job)
    assert "There is no domain 'gone'" in said(at)
    assert "Try again" in labels(at)
    at.button(key="extract.other").click().run()
    assert "Still here: a.txt" in said(at)
    at.selectbox(key="extract.domain").set_value("general").run()
    at.button(key="extract.start").click().run()
    wait(at)
    assert "a.txt: " in said(at)
    assert newest_documents(pages_bench)[0].document.name == "a.txt"


def test_a_model_that_is_gone_is_told_for_every_document_once_and_tried_again(pages_bench: Workbench, open_page: Open, said: Said) -> None:
    documents = tuple(kept(pages_bench, f"{NOTE} {number}", f"{number}.txt").id for number in range(3))
    job = done(Reading(request=ExtractRequest(model="ollama/tiny"), documents=documents).go(pages_bench))
    assert all(entry.error for entry in job.entries)
    at = shown(open_page("extract"), job)
    words = said(at)
    assert words.count("cannot be reached") == 1
    assert "Not read: 3 documents (0.txt, 1.txt, 2.txt). " in words
    job.request = ExtractRequest()
    at.button(key="extract.retry.all").click().run()
    wait(at)
    assert all(extractions_of(pages_bench, each) for each in documents)


def test_a_file_that_could_not_be_read_can_be_tried_again_and_is_listed_once(pages_bench: Workbench) -> None:
    job = done(Reading(uploads=(Upload("bad.pdf", b"%PDF-1.4"), Upload("a.txt", NOTE.encode()))).go(pages_bench))
    assert [(entry.file, entry.document is None) for entry in job.entries] == [("bad.pdf", True), ("a.txt", False)]
    assert [job.can_retry(entry) for entry in job.entries] == [True, False]
    done(job.again(pages_bench))
    assert sorted(entry.file for entry in job.entries) == ["a.txt", "bad.pdf"]
    assert not job.left


def test_a_long_text_is_shown_in_parts_and_a_name_leads_to_its_part(pages_bench: Workbench, open_page: Open, said: Said) -> None:
    text = "".join(f"Sentence number {number} says nothing. " for number in range(600)) + "At the end comes Zenobia."
    document = kept(pages_bench, text)
    found(pages_bench, document, entity(text, "number 3 "), entity(text, "Zenobia", "person"))
    at = open_page("extract", document=document.id)
    assert "Part 1 of " in said(at)
    assert "Zenobia" not in said(at)
    assert "1 of 2 different" in said(at)
    at.segmented_control(key="extract.scope").set_value("In the whole document").run()
    assert "Zenobia" in said(at)
    at.session_state["kept.extract.jump"] = (document.id, text.index("Zenobia"))  # as a click on its row does
    at.run()
    assert "At the end comes " in said(at)


def test_a_long_list_is_searched(pages_bench: Workbench, open_page: Open, said: Said) -> None:
    text = "".join(f"Here is part-{number} of it. " for number in range(900))
    document = kept(pages_bench, text)
    found(pages_bench, document, *(entity(text, f"part-{number} ") for number in range(900)))
    at = open_page("extract", document=document.id)
    at.text_input(key="extract.find").set_value("PART-77").run()
    assert "11 of 900 different" in said(at)


@pytest.mark.parametrize("form", list(FORMATS))
def test_every_format_is_offered_and_holds_every_document(pages_bench: Workbench, open_page: Open, form: str) -> None:
    documents = [kept(pages_bench, f"{NOTE} {number}", f"{number}.txt") for number in range(2)]
    for document in documents:
        found(pages_bench, document, entity(NOTE, "Paris", "place"))
    at = open_page("extract", document=documents[0].id)
    assert at.download_button(key=f"extract.one.{form}").label == FORMATS[form].title
    content = _file(form, [document.id for document in documents], None)
    assert content.count(b"Paris") >= 2 or form == "label-studio-config"
