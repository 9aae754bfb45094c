"""Every kind of store by the scheme of its URL. A new adapter is one file and one line here."""

from collections.abc import Callable

from core.errors import UnknownNameError
from core.store.base import Store
from core.store.sqlite import open_sqlite

stores: dict[str, Callable[[str], Store]] = {"sqlite": open_sqlite}


def open_store(url: str) -> Store:
    """Open the store of a URL: `sqlite:///relative/path` or `sqlite:////absolute/path`.

    Raises:
        UnknownNameError: no adapter of that scheme; the hint lists those that exist.
        InvalidValueError: the rest of the URL makes no sense to the adapter.
        StoreError: it cannot be opened.
    """
    scheme, separator, _ = url.partition("://")
    if not separator or scheme not in stores:
        raise UnknownNameError.of("kind of store", scheme if separator else url, [f"{name}://" for name in stores])
    return stores[scheme](url)
