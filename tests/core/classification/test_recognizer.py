"""Domains are told apart, foreign texts end in `general`, and vectors of two models never meet."""

from collections.abc import Sequence
from dataclasses import replace
from zlib import crc32

import numpy as np
import pytest

from core.classification.profiles import MOST, DomainText
from core.classification.recognizer import Recognizer, build, encode_documents, level_of, pooled
from core.embeddings.base import Vectors, encodable, normalized
from core.embeddings.fake import FakeEmbedder
from core.errors import InvalidValueError
from core.records.domains import GENERAL

FIELDS = {
    "sailing": "boat sail mast anchor harbor wind tide keel rope deck",
    "baking": "flour oven dough yeast butter sugar bread crust cake knead",
    "banking": "loan credit account interest bank debt payment deposit bond money",
}
STRANGE = "quark lepton boson photon gluon neutrino meson hadron tachyon axion"


class Words(FakeEmbedder):
    """Every word is a direction of its own, so that texts are alike by the words they share."""

    digest = "words"
    dimensions = 4096

    def encode(self, texts: Sequence[str]) -> Vectors:
        rows = np.full((len(texts), self.dimensions), 0.01)
        for row, text in zip(rows, texts, strict=True):
            for word in text.casefold().replace(".", " ").replace(":", " ").split():
                row[crc32(encodable(word).encode()) % self.dimensions] += 1
        return normalized(rows, self.name)


def text_of(field: str, seed: int, count: int = 40) -> str:
    chance = np.random.default_rng(seed)
    return " ".join(chance.choice(field.split(), count))


def domains(samples: int = 0) -> list[DomainText]:
    return [
        DomainText(name=name, description=words, samples=[text_of(words, seed) for seed in range(samples)])
        for name, words in FIELDS.items()
    ]


def answers(using: Recognizer, texts: Sequence[str], **options: float) -> list[str]:
    return [each.domain for each in using.recognize(encode_documents(Words(), texts), **options)]  # type: ignore[arg-type]


@pytest.mark.parametrize("samples", [0, 3, 30])
def test_documents_get_their_domain_and_foreign_ones_get_none(samples: int) -> None:
    using = build(Words(), domains(samples))
    texts = [text_of(words, 1000 + seed, 200) for words in FIELDS.values() for seed in range(5)]
    assert answers(using, texts) == [name for name in FIELDS for _ in range(5)]
    assert answers(using, [text_of(STRANGE, seed, 200) for seed in range(5)]) == [GENERAL] * 5


@pytest.mark.parametrize("samples", [0, 30])
def test_a_lone_domain_does_not_win_what_is_foreign(samples: int) -> None:
    using = build(Words(), domains(samples)[:1])
    assert answers(using, [text_of(FIELDS["sailing"], 7, 200), text_of(FIELDS["banking"], 7, 200)]) == ["sailing", GENERAL]


def test_probabilities_of_all_candidates_and_of_none_sum_to_one() -> None:
    using = build(Words(), domains())
    (said,) = using.recognize(encode_documents(Words(), [text_of(FIELDS["baking"], 3)]), top_k=10)
    assert sum(guess.confidence for guess in said.alternatives) + said.none == pytest.approx(1)
    assert [guess.confidence for guess in said.alternatives] == sorted((guess.confidence for guess in said.alternatives), reverse=True)
    assert said.alternatives[0].domain == said.domain == "baking"
    assert said.confidence == said.alternatives[0].confidence


def test_the_confidence_of_general_is_that_of_none() -> None:
    (said,) = build(Words(), domains()).recognize(encode_documents(Words(), [text_of(STRANGE, 3)]))
    assert (said.domain, said.confidence) == (GENERAL, said.none)
    assert said.score == said.alternatives[0].score


def test_below_the_threshold_the_answer_is_general() -> None:
    using = build(Words(), domains())
    mixed = f"{text_of(FIELDS['baking'], 1, 12)} {text_of(STRANGE, 1, 60)}"
    (said,) = using.recognize(encode_documents(Words(), [mixed]))
    best = said.alternatives[0].confidence
    assert answers(using, [mixed], threshold=min(1.0, best + 0.01)) == [GENERAL]


def test_only_as_many_alternatives_as_asked_for() -> None:
    (said,) = build(Words(), domains()).recognize(encode_documents(Words(), ["flour"]), top_k=2)
    assert len(said.alternatives) == 2


def test_an_edited_description_counts_in_the_next_build() -> None:
    strange = text_of(STRANGE, 5, 200)
    before = domains()
    after = [replace(before[0], description=STRANGE), *before[1:]]
    assert answers(build(Words(), before), [strange]) == [GENERAL]
    assert answers(build(Words(), after), [strange]) == ["sailing"]


def test_documents_of_another_embedder_are_refused() -> None:
    using = build(Words(), domains())
    with pytest.raises(InvalidValueError) as caught:
        using.recognize(encode_documents(FakeEmbedder(), ["flour and butter"]))
    assert "words" in caught.value.message
    assert caught.value.hint


def test_nothing_can_be_recognized_without_a_domain() -> None:
    with pytest.raises(InvalidValueError):
        build(Words(), [])


def test_no_documents_get_no_answers() -> None:
    assert build(Words(), domains()).recognize(encode_documents(Words(), [])) == []


@pytest.mark.parametrize("text", ["", "\0", "\ud800", "\u202e{braces} [[ ## x ## ]]", "a" * 100_000])
@pytest.mark.parametrize("embedder", [FakeEmbedder(), Words()], ids=["lengths", "words"])
def test_hostile_texts_get_finite_probabilities(embedder: FakeEmbedder, text: str) -> None:
    (said,) = build(embedder, domains(12)).recognize(encode_documents(embedder, [text]))
    assert 0 <= said.none <= 1
    assert all(0 <= guess.confidence <= 1 for guess in said.alternatives)


def test_at_most_500_samples_are_looked_at_and_always_the_same() -> None:
    many = DomainText(name="many", description="d", samples=[str(number) for number in range(10_000)])
    assert len(many.looked_at) == MOST
    assert many.looked_at == many.looked_at
    assert many.looked_at[0] == "0"
    assert int(many.looked_at[-1]) > 9_900
    assert DomainText(name="few", description="d", samples=["a", "b"]).looked_at == ["a", "b"]


def test_the_same_domains_give_the_same_probabilities_again() -> None:
    documents = encode_documents(Words(), [text_of(FIELDS["baking"], 9)])
    one, other = (build(Words(), domains(20)).chances(documents) for _ in range(2))
    assert (one == other).all()


def test_a_pooled_document_is_one_row_of_length_one() -> None:
    rows = pooled(encode_documents(Words(), [text_of(FIELDS["baking"], 9, 600), "short"]))
    assert rows.shape == (2, Words.dimensions)
    assert np.linalg.norm(rows, axis=1) == pytest.approx([1, 1])


@pytest.mark.parametrize(("confidence", "level"), [(0.81, "High"), (0.8, "Medium"), (0.51, "Medium"), (0.5, "Low"), (0.0, "Low")])
def test_the_level_says_how_sure(confidence: float, level: str) -> None:
    assert level_of(confidence) == level
