"""Native JSONL, one sample a line; the full form keeps everything, so that export and import give the same."""

import json
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

from core.datasets.formats.base import Parsed
from core.datasets.formats.lines import json_rows
from core.records.samples import Entity, Relation, Sample


class Native:
    """`{"text": ..., "entities": [...], "relations": [...]}`, one a line."""

    name = "native"
    ending = "jsonl"
    title = "Native JSONL"

    def sniffs(self, head: bytes, file_name: str) -> bool:
        """A JSON object at the beginning."""
        return head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{")

    def read(self, file: BinaryIO) -> Iterator[Parsed]:
        """Every line that is not blank."""
        return json_rows(file)

    def write(self, samples: Iterable[Sample], file: BinaryIO) -> int:
        """One line of full form each, in UTF-8."""
        count = 0
        for sample in samples:
            file.write(json.dumps(full_form(sample), ensure_ascii=False, allow_nan=False).encode("utf-8") + b"\n")
            count += 1
        return count

    def losses(self, samples: Iterable[Sample]) -> tuple[str, ...]:
        """Nothing: it is our own."""
        return ()


def full_form(sample: Sample) -> dict[str, Any]:
    """The full native form of one sample. What is not annotated has no key; offsets of null = ungrounded."""
    form: dict[str, Any] = {"id": sample.id, "text": sample.text}
    if sample.entities is not None:
        form["entities"] = [_entity(entity) for entity in sample.entities]
    if sample.relations is not None:
        form["relations"] = [_relation(relation) for relation in sample.relations]
    if sample.split is not None:
        form["split"] = sample.split.value
    if sample.metadata:
        form["metadata"] = sample.metadata
    form |= {name: value for name in ("source", "author") if (value := getattr(sample, name)) != "import"}
    return form


def _entity(entity: Entity) -> dict[str, Any]:
    form: dict[str, Any] = {"id": entity.id, "text": entity.text, "type": entity.type, "start": entity.start, "end": entity.end}
    form["source"] = entity.source
    return form | {name: value for name in ("description", "score") if (value := getattr(entity, name)) is not None}


def _relation(relation: Relation) -> dict[str, Any]:
    form: dict[str, Any] = {"id": relation.id, "subject_id": relation.subject_id, "predicate": relation.predicate}
    form |= {"object_id": relation.object_id, "source": relation.source}
    return form | ({"description": relation.description} if relation.description is not None else {})
