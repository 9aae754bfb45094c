"""The built-in model `builtin/in-context`: no language model, but an extractor that learns from a prompt's examples.

Reading order: `provider` (the protocol), `answer` (what is asked), `reader` (the prompt), `entities` and `relations`
(what is learned), `cues` (what instructions can change), `proposer` (prose for optimizers).
"""

from core.llm.providers.builtin.provider import BuiltinProvider

__all__ = ["BuiltinProvider"]
