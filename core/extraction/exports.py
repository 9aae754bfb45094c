"""What was found, as files: JSON, JSONL and CSV to work with; Label Studio and native JSONL to be corrected by people."""

import json
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any
from xml.sax.saxutils import quoteattr

from core.records.documents import Extraction, FoundEntity, FoundRelation, ReadChunk
from core.records.mentions import Span
from core.records.tables import as_csv

SUGGESTION = "suggestion"
"""The source of what a model proposed and nobody looked at."""
UNTYPED = "entity"
"""The label of what has no type, where a label must be."""
COLUMNS = (*("file", "domain", "kind", "text", "type", "start", "end", "predicate", "object", "object_start", "object_end", "description"),)


def document_form(extraction: Extraction) -> dict[str, Any]:
    """One document as JSON: who read it, what was found, what was said in vain, and which chunks could not be read.

    `ungrounded` and `failed_chunks` count what `left_out` and `failures` list.
    """
    return {
        "file": extraction.name, "document": extraction.document, "domain": extraction.domain, "version": extraction.version,
        "model": extraction.model, "at": extraction.at.isoformat(), "ms": extraction.ms, "chunks": len(extraction.chunks),
        "entities": [each.model_dump() for each in extraction.entities],
        "relations": [each.model_dump() for each in extraction.relations],
        "ungrounded": len(extraction.ungrounded), "left_out": [each.model_dump() for each in extraction.ungrounded],
        "failed_chunks": len(extraction.failed),
        "failures": [each.model_dump(include={"index", "start", "end", "error", "hint"}) for each in extraction.failed],
    }  # fmt: skip


def as_json(extractions: Iterable[Extraction]) -> bytes:
    """One list of documents, indented."""
    return json.dumps([document_form(each) for each in extractions], ensure_ascii=False, indent=2).encode("utf-8") + b"\n"


def as_jsonl(extractions: Iterable[Extraction]) -> Iterator[bytes]:
    """A document a line."""
    return (_line(document_form(each)) for each in extractions)


def as_table(extractions: Iterable[Extraction]) -> bytes:
    """CSV, cells defused: a row an entity or relation, told apart by `kind`; a relation's subject stands where an entity's text does."""
    return as_csv((row for each in extractions for row in _rows(each)), COLUMNS)


def as_native(documents: Iterable[tuple[Extraction, str]]) -> Iterator[bytes]:
    """Native JSONL, a chunk a line, as people annotate and prompts are trained: all of it suggestions to be accepted or mended.

    Each stretch of text comes once: what a chunk shares with the one before is left to that one, and a text that was
    written already (a page's head, a document read twice) is left out. What lies across such a cut is left out too.
    """
    written: set[str] = set()
    for extraction, text in documents:
        ends = _ends(extraction)
        for start, end in _tiles(extraction.chunks):
            tile = text[start:end]
            if tile.strip() and tile not in written:
                written.add(tile)
                yield _line(_sample(extraction, ends, tile, start))


def as_label_studio(documents: Iterable[tuple[Extraction, str]]) -> bytes:
    """Tasks for Label Studio with what was found as predictions; offsets in UTF-16 units, as it counts."""
    return json.dumps([_task(extraction, text) for extraction, text in documents], ensure_ascii=False).encode("utf-8")


def label_config(extractions: Iterable[Extraction]) -> str:
    """The labeling configuration that goes with the tasks: Label Studio drops labels that it does not declare."""
    listed = list(extractions)
    types = dict.fromkeys(_label(entity) for each in listed for entity in _ends(each))
    predicates = dict.fromkeys(relation.predicate for each in listed for relation in each.relations)
    relations = "".join(f"\n    <Relation value={quoteattr(name)}/>" for name in predicates)
    labels = "".join(f"\n    <Label value={quoteattr(name)}/>" for name in types)
    return (
        f'<View>\n  <Relations choice="multiple">{relations}\n  </Relations>\n'
        f'  <Labels name="label" toName="text">{labels}\n  </Labels>\n  <Text name="text" value="$text"/>\n</View>\n'
    )


def _line(form: dict[str, Any]) -> bytes:
    return json.dumps(form, ensure_ascii=False, allow_nan=False).encode("utf-8") + b"\n"


def _rows(extraction: Extraction) -> Iterator[dict[str, Any]]:
    shared = {"file": extraction.name, "domain": extraction.domain}
    for entity in extraction.entities:
        yield shared | {"kind": "entity"} | entity.model_dump()
    for relation in extraction.relations:
        ends = {"text": relation.subject, "start": relation.subject_start, "end": relation.subject_end}
        yield shared | {"kind": "relation"} | ends | relation.model_dump()


def _ends(extraction: Extraction) -> list[FoundEntity]:
    """The entities, and the ends of relations that are none: they are proven as well, and a relation needs two entities."""
    known = {(each.start, each.end) for each in extraction.entities}
    ends = {span: text for each in extraction.relations for span, text in _spans(each) if span not in known}
    loose = [FoundEntity(text=text, start=start, end=end) for (start, end), text in sorted(ends.items())]
    return [*extraction.entities, *loose]


def _spans(relation: FoundRelation) -> tuple[tuple[Span, str], tuple[Span, str]]:
    return (
        ((relation.subject_start, relation.subject_end), relation.subject), ((relation.object_start, relation.object_end), relation.object)
    )  # fmt: skip


def _tiles(chunks: Iterable[ReadChunk]) -> Iterator[Span]:
    return ((chunk.start + chunk.overlap, chunk.end) for chunk in chunks)


def _sample(extraction: Extraction, found: Iterable[FoundEntity], tile: str, start: int) -> dict[str, Any]:
    """One sample: what of the document was found in the text that begins at `start` of it."""
    ids: dict[Span, str] = {}
    entities: list[dict[str, Any]] = []
    for entity in found:
        if start <= entity.start and entity.end <= start + len(tile):
            name = ids[entity.start, entity.end] = f"e{len(ids) + 1}"
            place = {"start": entity.start - start, "end": entity.end - start}
            entities.append({"id": name, "source": SUGGESTION} | entity.model_dump(exclude_none=True) | place)
    relations: list[dict[str, Any]] = []
    for relation in extraction.relations:
        (subject, _), (target, _) = _spans(relation)
        if subject in ids and target in ids:
            told = {"description": relation.description} if relation.description else {}
            ends = {"subject_id": ids[subject], "predicate": relation.predicate, "object_id": ids[target]}
            relations.append({"id": f"r{len(relations) + 1}"} | ends | {"source": SUGGESTION} | told)
    origin = {"file": extraction.name, "document": extraction.document, "start": start, "model": extraction.model}
    metadata = origin | {"version": extraction.version}
    return {"text": tile, "entities": entities, "relations": relations, "source": SUGGESTION, "metadata": metadata}


def _task(extraction: Extraction, text: str) -> dict[str, Any]:
    units = _Units(text)
    ids: dict[Span, str] = {}
    result: list[dict[str, Any]] = []
    for number, entity in enumerate(_ends(extraction), start=1):
        ids[entity.start, entity.end] = f"e{number}"
        value = {"start": units.at(entity.start), "end": units.at(entity.end), "text": entity.text, "labels": [_label(entity)]}
        result.append({"id": f"e{number}", "from_name": "label", "to_name": "text", "type": "labels", "value": value})
    linked: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for relation in extraction.relations:
        (subject, _), (target, _) = _spans(relation)
        linked[ids[subject], ids[target]].append(relation.predicate)
    for (one, other), predicates in linked.items():  # of two relations for one pair Label Studio keeps the first alone
        result.append({"from_id": one, "to_id": other, "type": "relation", "direction": "right", "labels": predicates})
    return {
        "data": {"text": text, "file": extraction.name, "domain": extraction.domain},
        "predictions": [{"model_version": extraction.version or f"generic, {extraction.model}", "result": result}],
    }  # fmt: skip


def _label(entity: FoundEntity) -> str:
    return entity.type or UNTYPED


class _Units:
    """Code points of a text counted in UTF-16 units, of which those beyond U+FFFF have two."""

    def __init__(self, text: str) -> None:
        self._wide = [place for place, character in enumerate(text) if character > "\uffff"]

    def at(self, place: int) -> int:
        """The units before a code point."""
        return place + bisect_left(self._wide, place)
