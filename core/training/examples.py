"""Annotated samples as DSPy's examples and as plain gold."""

from typing import Any

import dspy

from core.metrics.gold import unique_entities, unique_relations
from core.programs.signatures import Mention, Statement
from core.records.samples import Sample, Task


def example(sample: Sample, task: Task, *, typed: bool) -> dspy.Example:
    """One sample as a worked example; `sample_id` rides along and is no field of any prompt."""
    entities = [_item(entity, typed=typed) for entity in unique_entities(sample)]
    fields: dict[str, Any] = {"source_text": sample.text, "entities": entities, "sample_id": sample.id}
    if task == "entities":
        return dspy.Example(**fields).with_inputs("source_text")
    return dspy.Example(**fields, relations=[Statement(**item) for item in unique_relations(sample)]).with_inputs("source_text", "entities")


def _item(entity: dict[str, Any], *, typed: bool) -> Any:
    return Mention(text=entity["text"], type=entity["type"] or "") if typed else entity["text"]
