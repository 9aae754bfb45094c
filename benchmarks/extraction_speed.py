"""What reading a document costs beside the model: chunking, gateway, ledger, alignment and merging against the provider's own time.

A provider that takes a fixed time a call shows what is added to the wall clock; the built-in model, which computes, shows
what share of the processor's time is ours. The model's time is what it really took, so that a busy machine counts for both.
"""

import json
import re
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from core.documents.tokens import BuiltinTokens
from core.extraction.extract import Found, Plan, extract_text
from core.extraction.read import Line
from core.llm.gateway import Gateway
from core.llm.providers.base import Cancelled, Provider
from core.llm.providers.builtin import BuiltinProvider
from core.llm.recorder import StoreRecorder
from core.programs.generic import generic_prompts
from core.records.models import ModelAnswer, ModelInfo, ModelRequest, ProviderStatus
from core.store.stores import open_store

Row = tuple[str, float, str, bool]

CHUNKS, TOKENS, THREADS, LATENCY = 200, 400, 4, 0.1
SENTENCE = (
    "In hall {0} the Pump{0} of Unit{1} fills the Tank{0} whenever the level in Tank{1} sinks below {0} liters, which the shift "
    "writes down in the book that lies beside the door, together with the time and with whatever else it saw that day. "
)


class Timed:
    """A provider that finds every capitalized word with a number, and takes a fixed time for it; counts its own seconds."""

    name = "timed"
    local = True
    takes_schema = True
    max_concurrency = 64

    def __init__(self, latency: float) -> None:
        self.latency = latency
        self.took: list[float] = []

    def complete(self, request: ModelRequest, *, cancelled: Cancelled | None = None) -> ModelAnswer:
        """The names of the text, or a relation between each two that follow each other."""
        began = time.perf_counter()
        names = list(dict.fromkeys(re.findall(r"[A-Z][a-z]+\d+", request.messages[-1].content)))
        if "1. `relations`" in request.messages[0].content:
            pairs = pairwise(names)
            said = {"relations": [{"subject": one, "predicate": "fills", "object": other, "description": "So."} for one, other in pairs]}
        else:
            said = {"entities": [{"text": name, "type": "part", "description": "It is there."} for name in names]}
        text = json.dumps(said)
        time.sleep(max(0.0, self.latency - (time.perf_counter() - began)))
        self.took.append(time.perf_counter() - began)
        return ModelAnswer(text=text, prompt_tokens=500, completion_tokens=200)

    def models(self) -> list[ModelInfo]:
        """Itself."""
        return [ModelInfo(provider=self.name, model="m", digest="0")]

    def status(self) -> ProviderStatus:
        """Always there."""
        return ProviderStatus(provider=self.name, state="connected")

    def price(self, model: str) -> tuple[float, float]:
        """Free."""
        return 0.0, 0.0

    def close(self) -> None:
        """Nothing is held."""


class Counted(BuiltinProvider):
    """The built-in model, and the processor's seconds that it took in whichever thread."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def complete(self, request: ModelRequest, *, cancelled: Cancelled | None = None) -> ModelAnswer:
        """As ever."""
        began = time.thread_time()
        try:
            return super().complete(request, cancelled=cancelled)
        finally:
            self.seconds += time.thread_time() - began


def document(chunks: int) -> str:
    """A text of about so many chunks, every sentence another one."""
    each = TOKENS // BuiltinTokens().count(SENTENCE.format(1000, 2000))
    return "".join(SENTENCE.format(number, number * 7 % 1000) for number in range(1000, 1000 + chunks * each))


def read(text: str, provider: Provider, model: str, *, threads: int, clock: Callable[[], float]) -> tuple[Found, float]:
    """What was found and how long it took, recorded in a store on disk as ever."""
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{Path(folder) / 'bench.db'}")
        line = Line(
            prompts=generic_prompts(takes_schema=provider.takes_schema), model=f"{provider.name}/{model}",
            gateway=Gateway({provider.name: provider}, retries=0), recorder=StoreRecorder(store),
        )  # fmt: skip
        began = clock()
        found = extract_text(text, line, Plan(tokens=BuiltinTokens(), wanted=TOKENS, overlap=0, threads=threads))
        took = clock() - began
        store.close()
        return found, took


def run() -> list[Row]:
    """Wall clock against the model's time at a fixed latency; processor time against the built-in model's own."""
    text = document(CHUNKS)
    provider = Timed(LATENCY)
    found, took = read(text, provider, "m", threads=THREADS, clock=time.perf_counter)
    ideal = sum(provider.took) / THREADS
    shown = f"{len(found.chunks)} chunks, {len(provider.took)} calls of {LATENCY * 1000:.0f} ms, {len(found.entities):,} entities"
    rows: list[Row] = [(f"extraction: wall clock / model's time ({shown})", took / ideal, "<= 1.1", took / ideal <= 1.1)]
    instant = Timed(0.0)
    _, bare = read(text, instant, "m", threads=1, clock=time.process_time)
    added = bare / len(instant.took) * 1000
    rows.append(("extraction: ms of processor added a call", added, "<= 5", added <= 5))
    builtin = Counted()
    read(text[:2000], builtin, "in-context", threads=1, clock=time.process_time)
    builtin.seconds = 0.0
    found, whole = read(text, builtin, "in-context", threads=1, clock=time.process_time)
    share = whole / builtin.seconds
    rows.append((f"extraction with the built-in model: processor in all / its own ({len(found.chunks)} chunks)", share, "", True))
    return rows


if __name__ == "__main__":
    for name, value, goal, holds in run():
        sys.stdout.write(f"{'holds' if holds else 'MISSED'}  {name}: {value:.3f} (goal {goal})\n")
