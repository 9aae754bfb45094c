"""Models: which there are, whether one answers, which one a domain gets when nobody names any."""

from core.errors import ModelError
from core.llm.choice import choose_model
from core.llm.recorder import StoreRecorder
from core.records.base import Record
from core.records.domains import Domain
from core.records.models import Message, ModelInfo, ModelRequest, Parameters, UseCase
from core.workbench import Workbench

_QUESTION = (
    Message(
        role="system",
        content=(
            "Your input fields are:\n1. `source_text` (str): a sentence\nYour output fields are:\n"
            "1. `entities` (list[str]): names of people and places, copied from the sentence\n"
            "Answer in this form, and with nothing else:\n\n"
            "[[ ## source_text ## ]]\n{source_text}\n\n[[ ## entities ## ]]\n{entities}\n\n[[ ## completed ## ]]"
        ),
    ),
    Message(
        role="user",
        content="[[ ## source_text ## ]]\nMarie Curie worked in Paris.\n\nAnswer with `[[ ## entities ## ]]` and the names.",
    ),
)


class ProviderProblem(Record):
    """A provider that does not say what it has."""

    provider: str
    message: str
    hint: str = ""


class ModelList(Record):
    """Every model that can be had now, and who did not answer."""

    models: tuple[ModelInfo, ...]
    problems: tuple[ProviderProblem, ...]


class ModelTest(Record):
    """One small real call: what was answered, in what time; None = the provider does not count."""

    model: str
    answer: str
    ms: float
    prompt_tokens: int | None
    completion_tokens: int | None
    usd: float | None


def list_models(bench: Workbench) -> ModelList:
    """What every provider has. One that does not answer is reported beside the others."""
    models: list[ModelInfo] = []
    problems: list[ProviderProblem] = []
    for name, provider in bench.gateway.providers.items():
        try:
            models += provider.models()
        except ModelError as error:
            problems.append(ProviderProblem(provider=name, message=error.message, hint=error.hint))
    return ModelList(models=tuple(models), problems=tuple(problems))


def test_model(bench: Workbench, model: str) -> ModelTest:
    """Ask a model (`provider/model`) for the names in one sentence; the call is in the ledger as any other.

    Raises:
        UnknownNameError: no such model; the hint lists those that exist.
        ModelError: it did not answer; the message says why.
    """
    info = choose_model(bench.gateway, model, default=bench.settings.ollama_model_generation)
    request = ModelRequest(model=info.id, messages=_QUESTION, parameters=Parameters(max_tokens=256))
    done = bench.gateway.complete(UseCase.ENTITY_EXTRACTION, request, recorder=StoreRecorder(bench.store))
    return ModelTest(
        model=info.id, answer=done.text, ms=done.call.ms, prompt_tokens=done.call.prompt_tokens,
        completion_tokens=done.call.completion_tokens, usd=done.call.usd,
    )  # fmt: skip


def default_model(bench: Workbench, domain: Domain | None = None, *, model: str | None = None) -> ModelInfo:
    """The named model, else the domain's, else Ollama's default where it is there, else the built-in one.

    Raises:
        UnknownNameError: a named model does not exist.
        ModelUnavailableError: the provider of a named model does not answer.
    """
    return choose_model(bench.gateway, model, domain.model if domain else None, default=bench.settings.ollama_model_generation)
