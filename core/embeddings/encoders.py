"""A sentence-transformers model run in batches of equal length, and in bfloat16 where the processor computes in it.

A text is padded to the next multiple of four tokens, and those of one length share a batch: next to nothing is computed for padding, and a
text's vector does not depend on what comes along with it (bfloat16: to the bit, full precision: 2e-7; padded to the longest of a batch,
bfloat16 would move by 1e-3). Each batch is one thread's, so that cores do not wait for each other at every layer.

This module imports torch; it is imported when a model is loaded. `benchmarks/recognition_speed.py` measures it.
"""

import copy
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray

Rows = NDArray[np.float32]

BATCH_TOKENS = 2048
"""Tokens of a batch: its tensors stay in the cache."""

STEP = 4
"""Lengths in tokens are its multiples. One would pad nothing, but make so many small batches that they take longer."""

BLOCK = 1024
"""Texts whose tokens are held at once."""

WORKERS = 8
"""Batches at once at most: each holds its own tensors. More cores share the batches."""

WIDE_FROM = 24
"""Tokens from which bfloat16 is used: names are shorter, and thresholds for their likeness were measured in full precision."""

ALIKE = 0.999
"""Cosine to the library's own vector that bfloat16 must reach for a model to be run in it."""

NAME = "pump"
PASSAGE = (
    "The pump in the second hall was stopped at noon because its bearing ran hot. A fitter from the night shift changed the seal, "
    "checked the oil and wrote both into the log, so that the plant could start again before the buyer's visit on Monday."
)
"""Texts on either side of `WIDE_FROM` on which both ways of running are compared."""


class Encoder(Protocol):
    """A loaded model. Thread-safe."""

    precision: str
    """How its numbers differ from the published model's; empty = they do not."""

    def encode(self, texts: Sequence[str]) -> Rows:
        """Shape (texts, dimensions), of any length; at least one text."""


class LibraryEncoder:
    """A model run as the library does it: for the kinds that cannot be run otherwise."""

    precision = ""

    def __init__(self, model: Any, *, cores: int) -> None:
        self._model = model
        self._cores = cores
        self._lock = Lock()  # its tokenizer is not made for several threads at once

    def encode(self, texts: Sequence[str]) -> Rows:
        """As the library."""
        with self._lock:
            torch.set_num_threads(self._cores)
            rows: Rows = self._model.encode(list(texts), batch_size=64, show_progress_bar=False, convert_to_numpy=True)
        return rows


@dataclass(frozen=True)
class _Batch:
    places: list[int]
    features: dict[str, Any]
    tokens: int
    """Of each text, with its padding."""


class EvenEncoder:
    """A model run in batches of texts that are equally long in tokens."""

    def __init__(self, model: Any, *, cores: int, wide: Any = None) -> None:
        self._model = model
        self._wide = wide
        self._window = model.get_max_seq_length() or 0
        self._cores = cores
        self._workers = min(cores, WORKERS)
        self._pool = ThreadPoolExecutor(self._workers, thread_name_prefix="encoder")
        self._lock = Lock()  # the tokenizer is not made for several threads at once
        self.precision = "" if wide is None else f"bfloat16 from {WIDE_FROM} tokens"

    def encode(self, texts: Sequence[str]) -> Rows:
        """Shape (texts, dimensions)."""
        return np.concatenate([self._block(texts[start : start + BLOCK]) for start in range(0, len(texts), BLOCK)])

    def _block(self, texts: Sequence[str]) -> Rows:
        batches = list(self._batches(texts))
        threads = max(1, self._cores // min(len(batches), self._workers))
        found = list(self._pool.map(lambda batch: self._run(batch, threads), batches))
        rows: Rows = np.empty((len(texts), found[0].shape[1]), dtype=np.float32)
        for batch, part in zip(batches, found, strict=True):
            rows[batch.places] = part
        return rows

    def _batches(self, texts: Sequence[str]) -> Iterator[_Batch]:
        """The longest first, so that no thread is left with one at the end."""
        with self._lock:
            features = self._model.preprocess(list(texts))
        equal = defaultdict(list)
        for place, tokens in enumerate(features["attention_mask"].sum(dim=1).tolist()):
            equal[self._even(tokens)].append(place)
        for tokens in sorted(equal, reverse=True):
            size = max(1, BATCH_TOKENS // tokens)
            for start in range(0, len(equal[tokens]), size):
                places = equal[tokens][start : start + size]
                cut = {key: self._cut(key, value, places, tokens) for key, value in features.items()}
                yield _Batch(places, cut, tokens)

    def _even(self, tokens: int) -> int:
        """The length to which a text is padded. It depends on the text alone, and is never beyond the window."""
        return max(1, tokens, min(-(-tokens // STEP) * STEP, self._window))

    def _cut(self, key: str, value: Any, places: Sequence[int], tokens: int) -> Any:
        """Those rows of a feature at that length; what is no tensor is for all texts alike."""
        if not torch.is_tensor(value):
            return value
        fill = self._model.tokenizer.pad_token_id if key == "input_ids" else 0
        return torch.nn.functional.pad(value[places, :tokens], (0, max(0, tokens - value.shape[1])), value=fill)

    def _run(self, batch: _Batch, threads: int) -> Rows:
        wide = self._wide is not None and batch.tokens >= WIDE_FROM
        torch.set_num_threads(threads if batch.tokens >= WIDE_FROM else 1)  # of this thread; short texts are not worth sharing
        with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=wide):
            rows: Rows = (self._wide if wide else self._model)(batch.features)["sentence_embedding"].float().numpy()
        return rows


def open_encoder(model: Any, *, cores: int) -> Encoder:
    """The fastest way to run a loaded sentence-transformers model that gives the library's own vectors."""
    exact = EvenEncoder(model, cores=cores)
    published = LibraryEncoder(model, cores=1).encode([NAME, PASSAGE])  # sharing two texts takes longer than encoding them
    if not _is_plain(model) or _likeness(published, exact) < 1 - 1e-5:
        return LibraryEncoder(model, cores=cores)
    if not computes_bfloat16():
        return exact
    wide = EvenEncoder(model, cores=cores, wide=_widened(model))
    return wide if _likeness(published, wide) >= ALIKE else exact


def computes_bfloat16() -> bool:
    """Whether the processor has instructions for bfloat16: where they are emulated, it is slower than full precision."""
    onednn: Any = torch.backends.mkldnn  # partly untyped
    return bool(onednn.is_available() and torch.cpu.get_capabilities().get("avx512_bf16", False))


def _is_plain(model: Any) -> bool:
    """Whether texts become token ids and a mask, padded on the right, and the model's last module gives the vector as it is."""
    changed = model.default_prompt_name is not None or model.truncate_dim is not None
    if changed or getattr(model.tokenizer, "pad_token_id", None) is None:
        return False
    features = model.preprocess([NAME, PASSAGE])
    mask = features.get("attention_mask")
    if "input_ids" not in features or mask is None or mask.dim() != 2 or not bool(mask[:, 0].all()):
        return False
    return all(value.shape == mask.shape for value in features.values() if torch.is_tensor(value))


def _likeness(published: Rows, encoder: EvenEncoder) -> float:
    """The lowest cosine between the library's vectors and the encoder's, texts encoded together."""
    rows = encoder.encode([NAME, PASSAGE])
    if rows.shape != published.shape:
        return -1.0
    lengths = np.linalg.norm(rows, axis=1) * np.linalg.norm(published, axis=1)
    return float(np.min(np.sum(rows * published, axis=1) / lengths))


def _widened(model: Any) -> Any:
    """The same model with the weights of its linear layers in bfloat16; everything else is shared with it, not copied."""
    copies = {id(part): part for part in [*model.parameters(), *model.buffers(), model.tokenizer]}
    for module in model.modules():
        if isinstance(module, torch.nn.Linear):
            copies |= {id(part): torch.nn.Parameter(part.to(torch.bfloat16), requires_grad=False) for part in module.parameters()}
    return copy.deepcopy(model, copies)
