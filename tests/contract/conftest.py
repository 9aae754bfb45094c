"""Every registered store, fresh and empty, for the contract suites. Adding an adapter is one entry in `ADAPTERS`."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.store.base import Store
from core.store.stores import open_store

ADAPTERS: dict[str, Callable[[Path], str]] = {"sqlite": lambda folder: f"sqlite:///{folder}/store.db"}
"""Scheme -> the URL of an empty store of that kind."""


@pytest.fixture(params=sorted(ADAPTERS))
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty store."""
    return ADAPTERS[request.param](tmp_path)


@pytest.fixture
def any_store(store_url: str) -> Iterator[Store]:
    """An open, empty store."""
    store = open_store(store_url)
    yield store
    store.close()


@pytest.fixture
def adapters() -> set[str]:
    """The schemes that the suites run over."""
    return set(ADAPTERS)
