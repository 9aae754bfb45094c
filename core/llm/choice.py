"""Which model a run or a call gets when nobody names one."""

from core.errors import ModelUnavailableError, UnknownNameError
from core.llm.gateway import Gateway
from core.records.models import ModelInfo

BUILTIN = "builtin/in-context"


def choose_model(gateway: Gateway, *wanted: str | None, default: str) -> ModelInfo:
    """The first model that is named; else Ollama's default where it is there; else the built-in one.

    `wanted` in the order of their weight (argument, domain, use case). A named model must exist; names without a provider
    are Ollama's.

    Raises:
        UnknownNameError: a named model does not exist; the hint lists those that do.
        ModelUnavailableError: the provider of a named model does not answer.
    """
    named = next((name for name in wanted if name), None)
    if named:
        return gateway.find(_with_provider(gateway, named))
    try:
        return gateway.find(_with_provider(gateway, default))
    except (ModelUnavailableError, UnknownNameError):
        return gateway.find(BUILTIN)


def _with_provider(gateway: Gateway, name: str) -> str:
    return name if name.partition("/")[0] in gateway.providers else f"ollama/{name}"
