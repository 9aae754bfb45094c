"""What was found in documents, as files."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from core.errors import UnknownNameError
from core.extraction.exports import as_json, as_jsonl, as_label_studio, as_native, as_table, document_form, label_config
from core.records.documents import Extraction
from core.workbench import Workbench
from core.workflows.documents import document_text


class ExportFormat(NamedTuple):
    """A file format: what people call it, how its files end, and what writes it."""

    title: str
    ending: str
    media: str
    write: Callable[[Workbench, Sequence[Extraction]], bytes]


def _with_texts(bench: Workbench, extractions: Sequence[Extraction]) -> list[tuple[Extraction, str]]:
    return [(each, document_text(bench, each.document)) for each in extractions]


__all__ = ["FORMATS", "ExportFormat", "document_form", "export_extractions"]

FORMATS: dict[str, ExportFormat] = {
    "json": ExportFormat("JSON", ".json", "application/json", lambda bench, found: as_json(found)),
    "jsonl": ExportFormat("JSONL, a document a line", ".jsonl", "application/x-ndjson", lambda bench, found: b"".join(as_jsonl(found))),
    "csv": ExportFormat("CSV, a row an entity or relation", ".csv", "text/csv", lambda bench, found: as_table(found)),
    "label-studio": ExportFormat(
        "Label Studio, as predictions", ".label-studio.json", "application/json",
        lambda bench, found: as_label_studio(_with_texts(bench, found)),
    ),
    "label-studio-config": ExportFormat(
        "Label Studio, its labeling configuration", ".label-studio.xml", "application/xml",
        lambda bench, found: label_config(found).encode("utf-8"),
    ),
    "native": ExportFormat(
        "Native JSONL, as suggestions for annotation", ".samples.jsonl", "application/x-ndjson",
        lambda bench, found: b"".join(as_native(_with_texts(bench, found))),
    ),
}  # fmt: skip


def export_extractions(bench: Workbench, extractions: Sequence[Extraction], format: str) -> bytes:
    """What was found in these documents as one file.

    Raises:
        UnknownNameError: no such format, or the text of a document is gone.
    """
    if format not in FORMATS:
        raise UnknownNameError.of("export format", format, list(FORMATS))
    return FORMATS[format].write(bench, extractions)
