"""Which version a domain uses now."""

from core.records.prompts import Deployment, Stage
from core.store.base import Store


def production(store: Store, domain: str) -> Deployment | None:
    """The deployment at stage production, None where nothing is deployed."""
    found = store.page(Deployment, {"domain": domain, "stage": Stage.PRODUCTION.value}, order="since", descending=True, limit=1)
    return found[0] if found else None
