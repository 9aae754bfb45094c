"""`python -m tests.standins.ollama`: the stand-in on a port, until interrupted."""

import argparse
import sys

from pydantic import ValidationError

from tests.standins.ollama.behavior import Behavior, Fault
from tests.standins.ollama.catalog import DEFAULT_MODELS, ServedModel, tagged
from tests.standins.ollama.server import StandIn


def main() -> None:
    """Read the options and serve."""
    parser = argparse.ArgumentParser(prog="python -m tests.standins.ollama", description="A stand-in for Ollama on 127.0.0.1.")
    parser.add_argument("--port", type=int, default=11434)
    parser.add_argument("--model", action="append", default=[], help="serve a text model of this name besides the usual ones; repeatable")
    parser.add_argument("--latency", type=float, default=0, help="seconds before each answer")
    parser.add_argument("--drip", type=float, default=0, help="seconds before each piece of a streamed answer")
    parser.add_argument("--seed", type=int, default=0, help="for --chance; the same seed gives the same failures")
    parser.add_argument("--schedule", action="append", default=[], metavar="N=FAULT", help="the fault of the N-th call; repeatable")
    parser.add_argument("--chance", action="append", default=[], metavar="FAULT=P", help="the probability of a fault per call; repeatable")
    parser.add_argument("--always", choices=[str(fault) for fault in Fault], help="the fault of every call")
    parser.add_argument("--evict-from", type=int, metavar="N", help="from the N-th call on the model is gone")
    parser.add_argument("--retry-after", help="what 429 and 503 say in Retry-After")
    given = parser.parse_args()
    try:
        behavior = Behavior.model_validate(
            {
                "latency": given.latency,
                "drip": given.drip,
                "seed": given.seed,
                "schedule": dict(pair.split("=", 1) for pair in given.schedule),
                "chances": dict(pair.split("=", 1) for pair in given.chance),
                "always": given.always,
                "evict_from": given.evict_from,
                "retry_after": given.retry_after,
            }
        )
    except (ValidationError, ValueError) as error:
        parser.error(str(error))
    models = DEFAULT_MODELS + tuple(ServedModel(name=tagged(name)) for name in given.model)
    sys.stdout.write(f"a stand-in for Ollama listens on http://127.0.0.1:{given.port}\n")
    sys.stdout.flush()
    StandIn(models=models, behavior=behavior, port=given.port).run()


main()
