"""What a proposer says, read with good will: a search must not end because a small model forgot a marker."""

from typing import Any

import dspy
from dspy.utils.exceptions import AdapterParseError


class _Prose:
    """Takes the whole answer where one text was asked for and its field cannot be found. Lists are read as strictly as ever."""

    def parse(self, signature: Any, completion: str) -> dict[str, Any]:
        """The fields of an answer. Raises AdapterParseError."""
        try:
            found: dict[str, Any] = super().parse(signature, completion)  # type: ignore[misc]
            return found
        except AdapterParseError:
            (name, field), *others = signature.output_fields.items()
            if others or field.annotation is not str or not completion.strip():
                raise
            return {name: completion.strip()}


class _ChatOrProse(_Prose, dspy.ChatAdapter):  # type: ignore[misc]
    pass


class _JSONOrProse(_Prose, dspy.JSONAdapter):  # type: ignore[misc]
    pass


def searching_adapter(*, takes_schema: bool) -> dspy.Adapter:
    """The adapter of a search: the same messages as the one that its prompts are kept with."""
    return _JSONOrProse() if takes_schema else _ChatOrProse(use_json_adapter_fallback=False)
