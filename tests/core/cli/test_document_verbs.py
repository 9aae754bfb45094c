"""`classify`, `extract` and what a script gets from them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

TEXT = "In Paris, Marie Curie of the Sorbonne met Ernest Rutherford of the University of Manchester."
Command = Callable[..., Any]


@pytest.fixture
def news(command: Command, monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.setenv("EMBEDDING_MODEL", "fake")
    command("domains", "create", "news", "--description", "News agency reports about people, places and organizations.")
    return command


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "in" / "a.txt"
    path.parent.mkdir()
    path.write_text(TEXT)
    return path


def test_classify_prints_one_list_with_the_promised_keys(news: Command, file: Path, tmp_path: Path) -> None:
    news("domains", "ready", "news")
    done = news("classify", file, tmp_path / "gone.txt", "--json")
    assert done.status == 0
    found, gone = done.document
    assert {"file", "domain", "confidence", "score", "level", "alternatives", "error"} <= set(found)
    assert found["file"] == str(file) and found["error"] is None
    assert set(found["alternatives"][0]) == {"domain", "confidence", "score"}
    assert gone["domain"] is None and gone["error"] and gone["hint"]


def test_classify_without_a_ready_domain_says_so_and_knows_no_confidence(news: Command, file: Path) -> None:
    done = news("classify", file)
    assert done.status == 0 and "general" in done.out
    assert "no domain is ready" in done.err


def test_a_threshold_out_of_range_is_refused(news: Command, file: Path) -> None:
    done = news("classify", file, "--threshold", "2")
    assert (done.status, done.out) == (1, "") and "threshold" in done.err


def test_extract_prints_one_list_with_the_promised_keys(news: Command, file: Path) -> None:
    (found,) = news("extract", file, "--domain", "news", "--json").document
    assert {"file", "domain", "version", "entities", "relations", "ungrounded", "failed_chunks", "error"} <= set(found)
    assert found["entities"] and all(TEXT[each["start"] : each["end"]] == each["text"] for each in found["entities"])
    assert (found["file"], found["error"], found["failed_chunks"]) == (str(file), None, 0)


def test_extract_writes_a_file_a_document_where_it_is_told(news: Command, file: Path, tmp_path: Path) -> None:
    (file.parent / "sub").mkdir()
    (file.parent / "sub" / "a.txt").write_text("Ada Lovelace wrote to Charles Babbage in London.")
    done = news("extract", file.parent, "--domain", "news", "--out", tmp_path / "out", "--json")
    written = sorted((tmp_path / "out").iterdir())
    assert len(written) == 2
    assert [json.loads(path.read_text()) for path in written] == done.document


def test_an_unknown_domain_is_refused_and_prints_nothing(news: Command, file: Path) -> None:
    done = news("extract", file, "--domain", "nowhere")
    assert (done.status, done.out) == (1, "") and "known: general, news" in done.err


def test_a_person_reads_tables(news: Command, file: Path) -> None:
    news("domains", "ready", "news")
    assert "confidence" in news("classify", file).out
    said = news("extract", file, "--domain", "news").out
    assert "Marie Curie" in said and "generic prompt" in said
