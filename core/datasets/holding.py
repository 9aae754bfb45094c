"""The right to change a dataset in bulk: one holder at a time."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from core.errors import BusyError
from core.store.base import Lease, Store
from core.store.owners import alive, me

LEASE_SECONDS = 60.0


@contextmanager
def holding(store: Store, dataset: str) -> Iterator[Lease]:
    """The right to change a dataset in bulk; that of a holder whose process has died is taken over.

    Raises:
        BusyError: somebody has it.
    """
    name, owner = f"import:{dataset}", me(uuid.uuid4().hex)
    lease = store.acquire(name, owner, seconds=LEASE_SECONDS)
    if lease is None:
        holder = store.lease(name)
        if holder is not None and not alive(holder.owner):
            store.break_lease(Lease(name=holder.name, owner=holder.owner, token=holder.token))
        lease = store.acquire(name, owner, seconds=LEASE_SECONDS)
    if lease is None:
        raise BusyError(f"another import into {dataset!r} is going on", hint="wait until it is done, or stop it")
    try:
        yield lease
    finally:
        store.release(lease)
