"""Settings become a workbench: the only place that wires."""

from functools import partial

from core.embeddings.cache import CachedEmbedder
from core.embeddings.embedders import open_embedder
from core.jobs.launch import ensure_runner
from core.llm.gateway import Gateway
from core.llm.providers.base import Provider
from core.llm.providers.builtin import BuiltinProvider
from core.llm.providers.ollama import OllamaProvider
from core.settings import Settings
from core.store.base import Store
from core.store.stores import open_store
from core.workbench import Workbench


def open_workbench(settings: Settings, *, store: Store | None = None) -> Workbench:
    """Open the store, unless it is open already, and make every provider; nothing is asked of any model yet.

    Raises:
        StoreError, UnknownNameError, InvalidValueError: a setting names something that cannot be opened.
    """
    store = store or open_store(settings.store)
    gateway = Gateway(_providers(settings), retries=settings.model_retries)
    embedder = CachedEmbedder(open_embedder(settings.embedding_model, ollama_base_url=settings.ollama_base_url), store)
    return Workbench(
        settings=settings, store=store, gateway=gateway, embedder=embedder, ensure_runner=partial(ensure_runner, store, settings.log_folder)
    )


def _providers(settings: Settings) -> dict[str, Provider]:
    """In the order in which they are asked for a default model."""
    ollama = OllamaProvider(
        base_url=settings.ollama_base_url, timeout=settings.ollama_timeout_seconds, keep_alive=settings.ollama_keep_alive,
        context_size=settings.ollama_context_size,
    )  # fmt: skip
    return {"ollama": ollama, "builtin": BuiltinProvider()}
