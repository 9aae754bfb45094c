"""Tokens: how a model's are counted, and how many it takes."""

from core.documents.tokens import BuiltinTokens, EstimatedTokens, TokenCounter, TokenizerTokens, measured
from core.llm.choice import BUILTIN
from core.records.models import Call, ModelInfo, Text
from core.workbench import Workbench

MEASURED_ON = 200
"""Newest calls of a model from which the size of its tokens is measured."""

OLLAMA = "ollama"


def counter_of(bench: Workbench, model: ModelInfo) -> TokenCounter:
    """The model's own tokenizer where its `tokenizer.json` is in the folder for it, else an estimate from its own calls.

    Raises:
        MissingPartError, UnreadableFileError: that file is there and cannot be read.
    """
    if model.id == BUILTIN:
        return BuiltinTokens()
    file = bench.settings.tokenizer_folder / model.model.replace(":", "_").replace("/", "_") / "tokenizer.json"
    if file.exists():
        return TokenizerTokens.read(file)
    return measured(_sizes(bench, model)) or EstimatedTokens()


def context_of(bench: Workbench, model: ModelInfo) -> int | None:
    """Tokens that the model takes in all, as it is asked here; None = it does not say."""
    if model.provider != OLLAMA:
        return model.context_length
    asked = bench.settings.ollama_context_size
    return min(asked, model.context_length) if model.context_length else asked


def _sizes(bench: Workbench, model: ModelInfo) -> list[tuple[int, int]]:
    """Bytes and tokens of the newest prompts whose tokens the server counted."""
    where = {"provider": model.provider, "model": model.model}
    calls = [
        call
        for call in bench.store.page(Call, where, order="time", descending=True, limit=MEASURED_ON)
        if call.prompt_tokens and call.error is None
    ]
    prompts = bench.store.get_many(Text, list({call.prompt_ref for call in calls}))
    return [
        (len(prompts[call.prompt_ref].content.encode("utf-8", "surrogatepass")), call.prompt_tokens or 0)
        for call in calls
        if call.prompt_ref in prompts
    ]
