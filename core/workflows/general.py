"""The fallback domain, and finding a domain: little enough to be loaded by every command."""

from core.errors import UnknownNameError
from core.records.domains import GENERAL, Domain
from core.store.base import Ensure, Store
from core.workbench import Workbench

_GENERAL = Domain(name=GENERAL, description="Documents of any kind: what is used where no other domain fits, or none is sure enough.")


def ensure_general(store: Store) -> None:
    """The fallback domain is in every store."""
    if store.get(Domain, GENERAL) is None:
        store.write([Ensure(record=_GENERAL)])


def get_domain(bench: Workbench, name: str) -> Domain:
    """One domain. Raises UnknownNameError, also for a deleted one."""
    ensure_general(bench.store)
    found = bench.store.get(Domain, name)
    if found is None or found.deleted:
        raise UnknownNameError.of("domain", name, [each.name for each in bench.store.page(Domain, {"deleted": False}, limit=1000)])
    return found
