"""A stand-in for Ollama: its HTTP protocol as recorded from a real server, answered by a function instead of a language model.

In a test::

    with StandIn(answer=lambda request: ModelAnswer(text="fine"), behavior=Behavior(schedule={2: Fault.BUSY})) as ollama:
        provider = OllamaProvider(base_url=ollama.url)
        ...
        assert ollama.bodies("/api/chat")[0]["truncate"] is False

By hand: ``python -m tests.standins.ollama --port 11434`` (``--help`` lists the options). At run time, outside Ollama's own paths:

- ``GET /standin/behavior``, ``POST /standin/behavior``: read or replace the `Behavior` (JSON of its fields); a POST starts counting anew;
- ``GET /standin/requests``, ``DELETE /standin/requests``: what came in so far; forget it.

Without an answer function of its own it answers with the workbench's built-in model. What differs from a real server, knowingly: durations
of loading and reading are made up (280 ms and 20 µs per token); tokens are pieces of `characters_per_token` characters between blanks; the
answer function is trusted to obey a JSON schema; embeddings hash words and know no meaning.
"""

from tests.standins.ollama.behavior import Behavior, Fault
from tests.standins.ollama.catalog import DEFAULT_MODELS, TINY, ServedModel
from tests.standins.ollama.server import StandIn

__all__ = ["DEFAULT_MODELS", "TINY", "Behavior", "Fault", "ServedModel", "StandIn"]
