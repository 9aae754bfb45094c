"""The two programs as DSPy sees them."""

from typing import Any

import dspy
from pydantic import BaseModel

from core.programs.wording import instructions
from core.records.domains import Schema
from core.records.samples import Task


class Mention(BaseModel):
    """An entity of the answer."""

    text: str
    type: str


class Statement(BaseModel):
    """A relation of the answer."""

    subject: str
    predicate: str
    object: str


class UntypedEntities(dspy.Signature):
    """List what the source text names."""

    source_text: str = dspy.InputField(desc="the document")
    entities: list[str] = dspy.OutputField(desc="names, copied exactly from the document")


class TypedEntities(dspy.Signature):
    """List what the source text names, with types."""

    source_text: str = dspy.InputField(desc="the document")
    entities: list[Mention] = dspy.OutputField(desc="names, copied exactly from the document, each with its type")


class UntypedRelations(dspy.Signature):
    """List the relations between the entities."""

    source_text: str = dspy.InputField(desc="the document")
    entities: list[str] = dspy.InputField(desc="names found in the document")
    relations: list[Statement] = dspy.OutputField(desc="subject and object are names from the entity list")


class TypedRelations(dspy.Signature):
    """List the relations between the entities."""

    source_text: str = dspy.InputField(desc="the document")
    entities: list[Mention] = dspy.InputField(desc="names found in the document, each with its type")
    relations: list[Statement] = dspy.OutputField(desc="subject and object are names from the entity list")


_SIGNATURES: dict[tuple[Task, bool], Any] = {
    ("entities", False): UntypedEntities,
    ("entities", True): TypedEntities,
    ("relations", False): UntypedRelations,
    ("relations", True): TypedRelations,
}


class TaskProgram(dspy.Module):
    """One task's program: a single predictor, so that its prompt can be kept whole."""

    def __init__(self, task: Task, *, typed: bool, schema: Schema) -> None:
        super().__init__()
        self.task = task
        signature = _SIGNATURES[task, typed].with_instructions(instructions(task, schema=schema, typed=typed))
        self.predict = dspy.Predict(signature)

    def forward(self, **inputs: Any) -> dspy.Prediction:
        """Ask the model once.

        Whoever watches is told of the program, not of every adapter and model inside it: those calls are metered below,
        and eight callbacks a call would cost more than all of the recording.
        """
        with dspy.context(callbacks=[]):
            return self.predict(**inputs)


def adapter(*, takes_schema: bool) -> dspy.Adapter:
    """JSON where the provider honors a schema, else field markers; no second, hidden call when an answer cannot be read."""
    return dspy.JSONAdapter() if takes_schema else dspy.ChatAdapter(use_json_adapter_fallback=False)
