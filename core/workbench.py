"""The open dependencies that every workflow is given. No behavior."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # numpy and the network take longer to load than a short command takes to answer
    from core.embeddings.base import Embedder
    from core.llm.gateway import Gateway
    from core.settings import Settings
    from core.store.base import Store


class Launcher(Protocol):
    """Makes sure that somebody does the queued work."""

    def __call__(self) -> None:
        """Start a runner for the store, unless one lives."""


@dataclass(frozen=True)
class Workbench:
    """Made by `core.bootstrap` only."""

    settings: Settings
    store: Store
    gateway: Gateway
    embedder: Embedder
    ensure_runner: Launcher

    def close(self) -> None:
        """Let go of the store and of every provider."""
        self.gateway.close()
        self.store.close()
