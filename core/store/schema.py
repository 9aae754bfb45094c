"""Every kind of record in the store, declared once; adapters follow this table."""

from collections.abc import Mapping

from core.records.base import Record, Versioned
from core.records.datasets import Dataset, DatasetVersion
from core.records.documents import Classification, Document, Extraction
from core.records.domains import Domain
from core.records.models import Call, Text
from core.records.prompts import Deployment, PromptVersion, Vector
from core.records.recognizer import RecognizerVersion
from core.records.runs import Look, RunNote, SampleOutcome, Signal, TrainingRun
from core.records.samples import Sample, SplitLock


class Kind(Record):
    """How one kind is stored: its label, its key, the fields one can search by, and what it refers to."""

    record: type[Record]
    label: str
    key: str
    indexed: Mapping[str, type] = {}
    references: Mapping[str, str] = {}
    """Field -> label of the kind it names; a value that names nothing is a problem for `store check`."""
    paths: tuple[tuple[str, ...], ...] | None = None
    """Which indexed fields get an index together, in this order; None = each its own. The key ends it, or stands where it is named."""
    short: Mapping[str, int] = {}
    """Fields of hashes -> how many of their first characters get an index of their own. Hashes come in no order, so that every
    write touches pages all over such an index: it must be small enough to stay in memory."""

    @property
    def indices(self) -> tuple[tuple[str, ...], ...]:
        """The fields of each index, the key among them."""
        paths = tuple((field,) for field in self.indexed) if self.paths is None else self.paths
        return tuple(path if "key" in path else (*path, "key") for path in paths)

    @property
    def versioned(self) -> bool:
        """Whether writes carry a revision."""
        return issubclass(self.record, Versioned)


KINDS: tuple[Kind, ...] = (
    Kind(record=Domain, label="Domain", key="name", indexed={"deleted": bool, "created_at": str}),
    Kind(record=Dataset, label="Dataset", key="name", indexed={"domain": str}, references={"domain": "Domain", "last_import": "Text"}),
    Kind(
        record=DatasetVersion,
        label="DatasetVersion",
        key="id",
        indexed={"dataset": str, "change": int},
        references={"dataset": "Dataset"},
        paths=(("dataset", "change"),),
    ),
    Kind(
        record=Sample,
        label="Sample",
        key="key",
        indexed={"dataset": str, "id": str, "text_hash": str, "split": str, "since": int, "until": int},
        references={"dataset": "Dataset"},
        paths=(("dataset", "id", "key", "until", "since", "split"),),
        short={"text_hash": 12},
    ),
    Kind(record=SplitLock, label="SplitLock", key="text_hash", indexed={"split": str}, paths=()),
    Kind(
        record=TrainingRun,
        label="TrainingRun",
        key="id",
        indexed={"domain": str, "status": str, "created_at": str, "fingerprint": str, "dataset": str, "version": str},
        references={"domain": "Domain", "dataset": "Dataset", "dataset_version": "DatasetVersion", "version": "PromptVersion"},
        paths=(("domain", "created_at"), ("status", "created_at"), ("created_at",), ("fingerprint",), ("dataset",), ("version",)),
    ),
    Kind(record=RunNote, label="RunNote", key="run_id", references={"run_id": "TrainingRun"}),
    Kind(record=Signal, label="Signal", key="run_id", references={"run_id": "TrainingRun"}),
    Kind(
        record=SampleOutcome,
        label="SampleOutcome",
        key="key",
        indexed={"run_id": str, "side": str, "split": str, "sample_id": str},
        references={"run_id": "TrainingRun"},
        paths=(("run_id", "side", "split"), ("sample_id",)),
    ),
    Kind(
        record=Look,
        label="Look",
        key="id",
        indexed={"content_hash": str, "domain": str, "run_id": str, "time": str},
        references={"run_id": "TrainingRun", "version": "PromptVersion"},
    ),
    Kind(
        record=PromptVersion,
        label="PromptVersion",
        key="id",
        indexed={"domain": str, "created_at": str, "run_id": str},
        references={"domain": "Domain", "run_id": "TrainingRun", "parent": "PromptVersion"},
    ),
    Kind(
        record=Deployment,
        label="Deployment",
        key="id",
        indexed={"domain": str, "stage": str, "since": str, "version": str},
        references={"domain": "Domain", "version": "PromptVersion"},
    ),
    Kind(
        record=Call,
        label="Call",
        key="id",
        indexed={"run_id": str, "time": str, "model": str, "provider": str, "use_case": str},
        references={"run_id": "TrainingRun", "prompt_ref": "Text", "answer_ref": "Text"},
        paths=(("run_id", "time"), ("time", "model", "provider", "use_case")),
    ),
    Kind(record=Text, label="Text", key="hash"),
    Kind(record=Vector, label="Vector", key="key", indexed={"digest": str}),
    Kind(record=Document, label="Document", key="id", indexed={"received_at": str}, references={"id": "Text"}),
    Kind(
        record=Classification,
        label="Classification",
        key="document",
        indexed={"domain": str, "at": str, "overridden": bool},
        references={"document": "Document"},
        paths=(("domain", "at"), ("at",), ("overridden", "at")),
    ),
    Kind(
        record=Extraction,
        label="Extraction",
        key="id",
        indexed={"document": str, "domain": str, "at": str},
        references={"document": "Document", "version": "PromptVersion"},
        paths=(("document", "at"), ("domain", "at"), ("at",)),
    ),
    Kind(record=RecognizerVersion, label="RecognizerVersion", key="id", indexed={"stage": str, "created_at": str}),
)

kinds: dict[type[Record], Kind] = {kind.record: kind for kind in KINDS}
labels: dict[str, Kind] = {kind.label: kind for kind in KINDS}
