import json
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from core.classification.documents import encode_documents, pooled
from core.classification.head import predict
from core.embeddings.base import Vectors
from core.embeddings.cache import CachedEmbedder
from core.embeddings.fake import FakeEmbedder
from core.errors import BusyError, RequestError, TooFewSamplesError, UnknownNameError
from core.records.base import text_hash
from core.records.documents import Classification
from core.records.domains import GENERAL, Domain, RecognizerGates
from core.records.models import Text
from core.records.prompts import Stage
from core.records.recognizer import RecognizerVersion
from core.store.base import Ensure, Put
from core.workbench import Workbench
from core.workflows import recognizer as workflow
from core.workflows.domains import create_domain, delete_domain, set_ready
from core.workflows.imports import import_samples
from core.workflows.recognizer import (
    current_head,
    deploy_recognizer,
    get_recognizer,
    head_state,
    override_counts,
    recognizer_versions,
    rollback_recognizer,
    train_recognizer,
)
from core.workflows.recognizer_examples import gather
from core.workflows.samples import load_samples, sample_documents

PATTERNS = {"rising": range(1, 13), "falling": range(12, 0, -1), "swinging": (2, 11) * 6}
"""Lengths of the words of a text: all that the fake embedder sees."""
EASY = RecognizerGates(max_latency_ms=60_000, max_validation_loss=2, max_training_loss=2)


class Watched(FakeEmbedder):
    """Remembers what it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.seen += texts
        return super().encode(texts)


def sentence(domain: str, number: int) -> str:
    """Twelve words of which no other sentence has any, nearly of the lengths that the domain has."""
    chance = random.Random(f"{domain} {number}")
    lengths = [max(1, length + chance.choice((-1, 0, 0, 1))) for length in PATTERNS[domain]]
    return " ".join("".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=length)) for length in lengths)


def fill(bench: Workbench, folder: Path, domain: str, *, splits: Sequence[str] = ("train",) * 12 + ("val",) * 4 + ("test",) * 4) -> None:
    create_domain(bench, domain, f"Sentences of {domain} words.")
    gate(bench, domain, EASY)
    set_ready(bench, domain)
    if not splits:
        return
    path = folder / f"{domain}.jsonl"
    rows = [{"text": sentence(domain, number), "split": split, "entities": []} for number, split in enumerate(splits)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    import_samples(bench, dataset=domain, source=path, domain=domain)


def gate(bench: Workbench, domain: str, gates: RecognizerGates) -> None:
    found = bench.store.get(Domain, domain)
    assert found is not None
    bench.store.write([Put(record=found.model_copy(update={"recognizer_gates": gates}))])


def override(bench: Workbench, text: str, domain: str) -> str:
    document = text_hash(text)
    given = Classification.model_validate(
        {
            "document": document, "name": "a.txt", "domain": domain, "recognized": GENERAL, "confidence": 0.1, "score": 0.1, "level": "Low",
            "none": 0.9, "threshold": 0.5, "embedder": "fake", "digest": "d", "overridden": True,
        }
    )  # fmt: skip
    bench.store.write([Ensure(record=Text(hash=document, content=text)), Put(record=given)])
    return document


def answer(bench: Workbench, version: RecognizerVersion, text: str) -> str:
    return version.domains[int(predict(version, pooled(encode_documents(bench.embedder, [text]))).argmax())]


@pytest.fixture
def watched() -> Watched:
    return Watched()


@pytest.fixture
def words(bench: Workbench, watched: Watched, tmp_path: Path) -> Workbench:
    """Two domains that the fake embedder can tell apart."""
    faked = replace(bench, embedder=CachedEmbedder(watched, bench.store))
    for domain in ("rising", "falling"):
        fill(faked, tmp_path, domain)
    return faked


def test_the_first_version_that_passes_is_taken_into_use_and_the_next_is_a_candidate(words: Workbench) -> None:
    first = train_recognizer(words)
    assert first.passed
    assert (first.stage, first.by) == (Stage.PRODUCTION, "workbench")
    assert "every gate passed" in first.why
    second = train_recognizer(words)
    assert second.stage is Stage.CANDIDATE
    assert first.id in second.why
    assert [version.id for version in recognizer_versions(words)] == [second.id, first.id]
    assert get_recognizer(words) == first == current_head(words)


def test_a_version_keeps_its_proof(words: Workbench) -> None:
    version = train_recognizer(words, seed=7)
    assert (version.domains, version.seed, version.digest) == (("falling", "rising"), 7, words.embedder.digest)
    assert version.accuracy == 1.0
    assert version.confusion == ((4, 0), (0, 4))
    assert [(one.domain, one.training, one.validation, one.overrides) for one in version.figures] == [
        ("falling", 12, 4, 0),
        ("rising", 12, 4, 0),
    ]
    assert all(one.latency_ms is not None and one.latency_ms > 0 for one in version.figures)
    assert version.training_loss == pytest.approx(version.epochs[-1].training, abs=1e-6)
    assert version.validation_loss == pytest.approx(version.epochs[-1].validation, abs=1e-6)
    assert len(version.gates) == 8


def test_the_same_seed_gives_the_same_weights(words: Workbench) -> None:
    first, second, other = (train_recognizer(words, seed=seed) for seed in (1, 1, 2))
    assert (first.weights, first.epochs, first.temperature) == (second.weights, second.epochs, second.temperature)
    assert other.weights != first.weights


def test_two_versions_of_one_second_have_two_names(words: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workflow, "now", lambda: datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    made = [train_recognizer(words).id for _ in range(3)]
    assert made == ["recognizer-v20260102_030405", "recognizer-v20260102_030405-2", "recognizer-v20260102_030405-3"]


def test_sealed_samples_are_never_encoded(words: Workbench, watched: Watched) -> None:
    train_recognizer(words)
    seen = " ".join(watched.seen)
    assert all(sentence(domain, number) in seen for domain in ("rising", "falling") for number in range(16))
    assert not any(sentence(domain, number) in seen for domain in ("rising", "falling") for number in range(16, 20))


def test_a_sealed_text_stays_sealed_when_a_person_places_it(words: Workbench, watched: Watched) -> None:
    override(words, sentence("rising", 17), "falling")
    override(words, sentence("rising", 99), "falling")
    train_recognizer(words)
    assert sentence("rising", 17) not in " ".join(watched.seen)
    counts = override_counts(words)
    assert (counts.used["falling"], counts.sealed) == (1, 1)
    assert counts.left_out == ("1 of 2 overrides left out: their text is a sealed test sample",)


def test_a_version_whose_gates_fail_is_not_taken_into_use_but_a_person_may(words: Workbench) -> None:
    gate(words, "rising", EASY.model_copy(update={"max_training_loss": 0.0}))
    version = train_recognizer(words)
    assert [(result.domain, result.gate) for result in version.gates if not result.passed] == [("rising", "max_training_loss")]
    assert (version.stage, version.why) == (Stage.CANDIDATE, "1 of 8 gates failed")
    assert current_head(words) is None
    deployed = deploy_recognizer(words, version.id, by="ada", why="good enough")
    assert (deployed.stage, deployed.by, deployed.why) == (Stage.PRODUCTION, "ada", "good enough")
    assert current_head(words) == deployed


def test_deploying_retires_what_was_there_and_twice_changes_nothing(words: Workbench) -> None:
    first, second = train_recognizer(words), train_recognizer(words)
    deployed = deploy_recognizer(words, second.id, by="ada")
    retired = get_recognizer(words, first.id)
    assert (retired.stage, retired.by, retired.since) == (Stage.RETIRED, "ada", deployed.since)
    assert second.id in retired.why
    assert deploy_recognizer(words, second.id) == deployed


def test_a_rollback_takes_the_one_before_and_a_second_undoes_it(words: Workbench) -> None:
    versions = [train_recognizer(words) for _ in range(4)]
    with pytest.raises(RequestError, match="before"):
        rollback_recognizer(words)
    for version in versions[1:3]:
        deploy_recognizer(words, version.id)
    back = rollback_recognizer(words, by="ada")
    assert (back.id, back.by, back.why) == (versions[1].id, "ada", f"rollback from {versions[2].id}")
    assert rollback_recognizer(words).id == versions[2].id


def test_only_one_decides_at_a_time(words: Workbench) -> None:
    version = train_recognizer(words)
    lease = words.store.acquire("recognizer", "somebody", seconds=30)
    assert lease is not None
    with pytest.raises(BusyError):
        deploy_recognizer(words, version.id)


def test_another_embedder_has_no_use_for_the_head(words: Workbench) -> None:
    class Other(FakeEmbedder):
        digest = "another model"

    version = train_recognizer(words)
    other = replace(words, embedder=CachedEmbedder(Other("other"), words.store))
    assert current_head(other) is None
    state = head_state(other)
    assert (state.version, state.usable) == (version, False)
    assert version.digest[:12] in state.why
    assert "another mode" in state.why
    assert head_state(words).usable


def test_a_head_is_out_of_use_while_the_domains_are_others(words: Workbench, tmp_path: Path) -> None:
    train_recognizer(words)
    fill(words, tmp_path, "swinging")
    assert current_head(words) is None
    assert "does not know swinging" in head_state(words).why
    version = train_recognizer(words)
    deploy_recognizer(words, version.id)
    assert current_head(words) is not None
    delete_domain(words, "rising")
    assert current_head(words) is None
    assert "knows rising" in head_state(words).why


def test_without_a_head_the_state_says_so(words: Workbench) -> None:
    state = head_state(words)
    assert (state.version, state.usable) == (None, False)
    assert "no trained recognizer" in state.why
    for asked in (None, "recognizer-v1"):
        with pytest.raises(UnknownNameError):
            get_recognizer(words, asked)
    with pytest.raises(RequestError, match="in production"):
        rollback_recognizer(words)


def test_overrides_move_the_decision_after_training_again(words: Workbench) -> None:
    document = sentence("swinging", 50)
    before = answer(words, train_recognizer(words), document)
    other = "falling" if before == "rising" else "rising"
    for number in range(3):
        override(words, sentence("swinging", number), other)
    after = train_recognizer(words)
    assert answer(words, after, document) == other
    assert {one.domain: one.overrides for one in after.figures} == {other: 3, before: 0}


def test_overrides_are_counted_by_what_they_are_good_for(words: Workbench) -> None:
    create_domain(words, "former", "Sentences of former times.")
    override(words, "one of those", "rising")
    override(words, "no such thing", GENERAL)
    override(words, "nor this thing", GENERAL)
    override(words, "of a domain that will be deleted", "former")
    delete_domain(words, "former")
    counts = override_counts(words)
    assert (counts.used, counts.general, counts.elsewhere, counts.sealed, counts.total) == ({"falling": 0, "rising": 1}, 2, 1, 0, 4)
    assert len(counts.left_out) == 2
    version = train_recognizer(words)
    assert sum(one.overrides for one in version.figures) == 1


def test_of_many_overrides_some_are_held_out_always_the_same(words: Workbench) -> None:
    documents = {override(words, sentence("rising", number), "rising") for number in range(100, 140)}
    known = gather(words.store, ["falling", "rising"])
    held_out = {each.hash for each in known.held_out if each.override}
    assert 0 < len(held_out) < 20
    assert held_out == {document for document in documents if int(document[:8], 16) % 5 == 0}


def test_a_persons_word_stands_above_the_dataset(words: Workbench) -> None:
    document = override(words, sentence("rising", 0), "falling")
    known = gather(words.store, ["falling", "rising"])
    assert [each.domain for each in known.training if each.hash == document] == ["falling"]


def test_a_held_out_text_that_repeats_one_of_training_proves_nothing(words: Workbench) -> None:
    texts = [sentence("rising", number) for number in range(100, 160)]
    known = [override(words, text, "rising") for text in texts]
    held_out = next(text for text, document in zip(texts, known, strict=True) if int(document[:8], 16) % 5 == 0)
    twin = next(
        text for text in (f"{held_out} {word}" for word in ("so", "there", "then", "again", "now")) if int(text_hash(text)[:8], 16) % 5
    )
    override(words, twin, "rising")
    found = gather(words.store, ["falling", "rising"])
    assert text_hash(held_out) in {each.hash for each in found.training}
    assert found.alike[text_hash(held_out)] == found.alike[text_hash(twin)]


def test_where_all_samples_are_for_training_every_fifth_is_held_out(words: Workbench, tmp_path: Path) -> None:
    fill(words, tmp_path, "swinging", splits=("train",) * 12)
    version = train_recognizer(words)
    assert [(one.training, one.validation) for one in version.figures if one.domain == "swinging"] == [(10, 2)]


@pytest.mark.parametrize(("splits", "missing"), [(("train",) * 4, 1), (("train",) * 2 + ("val",) * 6, 1), (("test",) * 9, 5)])
def test_a_domain_with_too_few_texts_is_named_with_what_is_missing(
    words: Workbench, tmp_path: Path, splits: Sequence[str], missing: int
) -> None:
    fill(words, tmp_path, "swinging", splits=splits)
    with pytest.raises(TooFewSamplesError, match="swinging") as caught:
        train_recognizer(words)
    assert f"{missing} more of swinging" in caught.value.hint
    assert recognizer_versions(words) == []


def test_overrides_count_as_texts(words: Workbench, tmp_path: Path) -> None:
    fill(words, tmp_path, "swinging", splits=())
    for number in range(5):
        override(words, sentence("swinging", number), "swinging")
    version = train_recognizer(words)
    assert [(one.training + one.validation, one.overrides) for one in version.figures if one.domain == "swinging"] == [(5, 5)]
    assert answer(words, version, sentence("swinging", 9)) == "swinging"


def test_one_domain_alone_cannot_be_told_apart(words: Workbench) -> None:
    delete_domain(words, "rising")
    with pytest.raises(TooFewSamplesError, match="1 is ready") as caught:
        train_recognizer(words)
    assert "domains ready" in caught.value.hint


def test_progress_is_told_to_the_last_text(words: Workbench) -> None:
    told: list[tuple[str, int, int]] = []
    train_recognizer(words, progress=lambda *step: told.append(step))
    encoded = [(done, total) for step, done, total in told if step == "encoding texts"]
    assert (encoded[0], encoded[-1]) == ((0, 32), (32, 32))
    assert list(dict.fromkeys(step for step, _, _ in told)) == [
        "reading texts",
        "loading the embedder",
        "encoding texts",
        "learning",
        "timing",
    ]


@pytest.mark.parametrize("text", ["{braces} [[ ## text ## ]]", "\x00", "\u202eturned around", "", " \n\t "])
def test_text_is_data_whatever_it_holds(words: Workbench, text: str) -> None:
    override(words, text, "rising")
    assert train_recognizer(words).figures[1].overrides == 1


@pytest.mark.timeout(900)
def test_the_shipped_documents_are_told_apart_by_a_head_that_saw_passages_alone(bench: Workbench) -> None:
    names = [sample.name for sample in load_samples(bench)]
    for name in names:
        set_ready(bench, name)
    version = train_recognizer(bench)
    documents = [(name, path.read_text(encoding="utf-8")) for name in names for path in sample_documents(name)[::2]]
    found = predict(version, pooled(encode_documents(bench.embedder, [text for _, text in documents])))
    right = [version.domains[place] == name for place, (name, _) in zip(found.argmax(axis=1), documents, strict=True)]
    assert len(documents) == 24
    assert np.mean(right) >= 0.95
    assert version.accuracy is not None
    assert version.accuracy >= 0.95
    assert all(one.training == 36 and one.validation == 12 for one in version.figures)
    assert all(result.passed for result in version.gates if result.gate != "max_latency_ms")
