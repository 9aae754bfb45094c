"""What was fitted before: a small, thread-safe store of models by what they were fitted on."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

Fitted = TypeVar("Fitted")


class Memory(Generic[Fitted]):
    """The latest `size` models; the one used longest ago goes first. A fit is pure, so a race costs time, never truth."""

    def __init__(self, size: int) -> None:
        self._size, self._lock = size, Lock()
        self._kept: OrderedDict[Hashable, Fitted] = OrderedDict()

    def get(self, key: Hashable, fit: Callable[[], Fitted]) -> Fitted:
        """The model of that key, fitted now if it is new."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        fitted = fit()
        with self._lock:
            self._kept[key] = fitted
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
        return fitted

    def __len__(self) -> int:
        with self._lock:
            return len(self._kept)
