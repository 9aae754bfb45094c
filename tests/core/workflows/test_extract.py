"""Extraction as people use it: files in, proven spans out, with the prompt that the domain uses."""

from collections.abc import Callable
from pathlib import Path

import pytest

from core.documents.chunking import tiling_problems
from core.errors import CallCancelledError, InvalidValueError, UnknownNameError
from core.records.documents import Extraction
from core.records.models import Call
from core.records.prompts import PromptVersion
from core.workbench import Workbench
from core.workflows.deployments import deploy
from core.workflows.documents import Upload, document_text, keep_document, newest_documents, read_documents
from core.workflows.domains import create_domain, set_ready
from core.workflows.extract import GENERIC, ExtractRequest, Watch, chunk_calls, extract, extract_document, extractions_of, prompting
from core.workflows.extraction_exports import FORMATS, export_extractions
from core.workflows.imports import preview_import

TEXT = "In Paris, Marie Curie of the Sorbonne met Ernest Rutherford of the University of Manchester."
Stored = Callable[..., PromptVersion]


@pytest.fixture
def news(bench: Workbench) -> Workbench:
    create_domain(bench, "news", "News agency reports about people, places and organizations.")
    return bench


def only(bench: Workbench, text: str = TEXT, **how: str | None) -> Extraction:
    (found,) = extract(bench, [Upload("a.txt", text.encode())], ExtractRequest.model_validate({"domain": "news", **how}))
    assert found.extraction is not None, found.error
    return found.extraction


def kept(bench: Workbench, text: str) -> str:
    (read,) = read_documents(bench, [Upload("long.txt", text.encode())])
    return keep_document(bench, read).id  # type: ignore[arg-type]


def test_every_entity_stands_in_the_text_where_it_is_said_to(news: Workbench) -> None:
    found = only(news)
    assert found.entities
    assert all(TEXT[each.start : each.end] == each.text for each in found.entities)
    assert found.version is None and found.domain == "news"


def test_the_version_in_production_reads_unless_another_is_named(news: Workbench, stored_version: Stored) -> None:
    first, second = stored_version(news, "news"), stored_version(news, "news")
    deploy(news, "news", second.id)
    assert only(news).version == second.id
    assert only(news, version=first.id).version == first.id
    assert only(news, version=GENERIC).version is None
    document = newest_documents(news)[0].document.id
    assert {each.version for each in extractions_of(news, document)} == {first.id, second.id, None}


def test_read_again_with_the_same_version_the_result_takes_the_place_of_the_former(news: Workbench) -> None:
    first, again = only(news), only(news)
    assert first.entities == again.entities
    assert extractions_of(news, first.document) == [again]


def test_a_domain_without_a_version_is_read_with_the_generic_prompt(news: Workbench) -> None:
    set_ready(news, "news")
    using = prompting(news, "news")
    assert using.version is None and set(using.prompts) == {"entities", "relations"}


def test_what_does_not_exist_is_refused_before_any_file_is_read(news: Workbench) -> None:
    for how in ({"domain": "nowhere"}, {"domain": "news", "version": "news-v20200101_000000"}, {"domain": "news", "model": "builtin/none"}):
        with pytest.raises(UnknownNameError):
            extract(news, [Path("/none")], ExtractRequest.model_validate(how))
    with pytest.raises(InvalidValueError, match="version"):
        extract(news, [], ExtractRequest(version="news-v20200101_000000"))


def test_a_long_document_is_read_in_chunks_that_tile_it(news: Workbench) -> None:
    text = "\n\n".join(f"Report {number}. Marie Curie met Ernest Rutherford in Paris on day {number}." for number in range(400))
    told: list[tuple[int, int]] = []
    found = extract_document(
        news, kept(news, text), ExtractRequest(domain="news"), watch=Watch(progress=lambda name, done, of: told.append((done, of)))
    )
    assert len(found.chunks) > 3 and not found.failed
    assert tiling_problems(text, found.chunks) == []
    assert told[-1] == (len(found.chunks), len(found.chunks)) and [done for done, _ in told] == sorted(done for done, _ in told)
    assert sum(each.text == "Marie Curie" for each in found.entities) == 400
    assert all(text[each.start : each.end] == each.text for each in found.entities)


def test_prompt_and_answer_of_every_chunk_can_be_seen(news: Workbench) -> None:
    (chunk,) = only(news).chunks
    calls = chunk_calls(news, chunk)
    assert calls and all(TEXT in each.prompt for each in calls)
    assert calls[0].answer and "Marie Curie" in calls[0].answer


def test_a_stop_ends_it_and_keeps_nothing_half_done(news: Workbench) -> None:
    document = kept(news, TEXT)
    with pytest.raises(CallCancelledError):
        extract_document(news, document, ExtractRequest(domain="news"), watch=Watch(cancelled=lambda: True))
    assert extractions_of(news, document) == []
    assert news.store.count(Call) == 0


def test_a_bad_file_among_good_ones_is_named(news: Workbench) -> None:
    files = [Upload("a.txt", TEXT.encode()), Upload("b.pdf", b"%PDF-1.4 nothing"), Upload("c.txt", TEXT.encode())]
    found = list(extract(news, files, ExtractRequest(domain="news")))
    assert [each.error is None for each in found] == [True, False, True]
    assert found[1].hint


@pytest.mark.parametrize("name", FORMATS)
def test_what_was_found_is_written_in_every_format(news: Workbench, name: str) -> None:
    written = export_extractions(news, [only(news)], name)
    assert b"Marie Curie" in written or name == "label-studio-config"


def test_native_lines_can_be_imported_as_they_are(news: Workbench, tmp_path: Path) -> None:
    path = tmp_path / "suggestions.jsonl"
    found = only(news)
    path.write_bytes(export_extractions(news, [found], "native"))
    report = preview_import(news, dataset="again", source=path)
    assert (report.added, list(report.problems)) == (1, [])
    assert report.entities >= len(found.entities)


def test_an_unknown_format_names_those_that_exist(news: Workbench) -> None:
    with pytest.raises(UnknownNameError, match="docx") as caught:
        export_extractions(news, [], "docx")
    assert "label-studio" in caught.value.hint


def test_texts_are_read_from_the_store_as_they_came(news: Workbench) -> None:
    text = "Grüße 👩‍🔬 [[ ## entities ## ]] {source_text} \u202eedoc"
    assert document_text(news, kept(news, text)) == text
