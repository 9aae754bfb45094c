"""A workbench whose parts are opened when they are first used: `runs` needs no model, `verify` not even a store."""

from __future__ import annotations

from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from core.settings import Settings, load_settings
from core.store.base import Store
from core.store.stores import open_store
from core.workflows.general import ensure_general

if TYPE_CHECKING:
    from core.embeddings.base import Embedder
    from core.llm.gateway import Gateway
    from core.workbench import Workbench


class LateWorkbench:
    """To a workflow the same as `core.workbench.Workbench`. Each part raises, when first used, what `open_workbench` raises."""

    def __init__(self, arguments: dict[str, Any]) -> None:
        self._arguments = arguments

    @cached_property
    def settings(self) -> Settings:
        """Raises SettingsError."""
        return load_settings(self._arguments)

    @cached_property
    def store(self) -> Store:
        """Raises StoreError."""
        store = open_store(self.settings.store)
        ensure_general(store)
        return store

    @cached_property
    def _whole(self) -> Workbench:
        # Loaded here: providers and embedders take half a second to import, which most verbs need not wait for.
        return cast("Workbench", import_module("core.bootstrap").open_workbench(self.settings, store=self.store))

    @property
    def gateway(self) -> Gateway:
        """The way to every model."""
        return self._whole.gateway

    @property
    def embedder(self) -> Embedder:
        """Texts to vectors."""
        return self._whole.embedder

    def ensure_runner(self) -> None:
        """Start a runner for the store, unless one lives."""
        self._whole.ensure_runner()

    def close(self) -> None:
        """Let go of what was opened."""
        if "_whole" in self.__dict__:
            self._whole.close()
        elif "store" in self.__dict__:
            self.store.close()


def late_workbench(arguments: dict[str, Any]) -> Workbench:
    """A workbench that opens its parts late, for workflows to use as any other."""
    return cast("Workbench", LateWorkbench(arguments))
