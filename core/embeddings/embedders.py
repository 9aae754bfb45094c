"""Embedders by the name that a person chooses."""

from collections.abc import Callable

from core.embeddings.base import Embedder
from core.embeddings.fake import FakeEmbedder
from core.embeddings.ollama import OllamaEmbedder
from core.embeddings.sentence_transformers import SentenceTransformerEmbedder, packaged
from core.errors import InvalidValueError

OLLAMA = "ollama/"
LANGUAGES = {"BAAI/bge-m3": "more than 100 languages"}

embedders: dict[str, Callable[[], Embedder]] = {"minilm": packaged, "fake": FakeEmbedder}
"""Those that are complete by themselves; `ollama/NAME`, a hub name and a folder come beside them."""


def open_embedder(
    name: str, *, ollama_base_url: str = "http://localhost:11434", timeout_seconds: float = 120.0, keep_alive: str = "5m"
) -> Embedder:
    """The embedder of that name, not loaded yet. `ollama_base_url` must be checked already.

    Raises:
        InvalidValueError: an empty name. Whether a model of that name exists turns out when it is loaded.
    """
    name = name.strip()
    model = name.removeprefix(OLLAMA)
    if not model:
        raise InvalidValueError("the embedder has no name", hint="names: minilm, ollama/NAME, BAAI/bge-m3, or a model's folder")
    if name in embedders:
        return embedders[name]()
    if name.startswith(OLLAMA):
        return OllamaEmbedder(name, model=model, base_url=ollama_base_url, timeout_seconds=timeout_seconds, keep_alive=keep_alive)
    return SentenceTransformerEmbedder(name, languages=LANGUAGES.get(name))
