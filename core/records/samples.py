"""A text with what people found in it."""

from enum import StrEnum
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from core.records.base import Record

OPEN = 2**53
"""`until` of a revision that still holds."""


class Split(StrEnum):
    """What a sample is used for; test is sealed: no optimizer, demo or suggestion ever sees it."""

    TRAIN = "train"
    VAL = "val"
    TEST = "test"


class Entity(Record):
    """One mention. Offsets are Unicode code points, end exclusive; both None = not found in the text (ungrounded)."""

    id: str
    text: str
    type: str | None = None
    start: int | None = None
    end: int | None = None
    source: str = "import"
    description: str | None = None
    score: float | None = None
    """How alike name and text are (0 to 1) where a fuzzy search placed it; None = exact or set by hand."""

    @property
    def grounded(self) -> bool:
        """Whether the mention was found in the text."""
        return self.start is not None


class Relation(Record):
    """A directed link between two entities of one sample."""

    id: str
    subject_id: str
    predicate: str
    object_id: str
    source: str = "import"
    description: str | None = None


class Annotation(Record):
    """Gold of one text. None = not annotated (unused for that task); empty = annotated, there are none."""

    entities: tuple[Entity, ...] | None = None
    relations: tuple[Relation, ...] | None = None

    @model_validator(mode="after")
    def _ends_exist(self) -> Self:
        ids = {entity.id for entity in self.entities or ()}
        for relation in self.relations or ():
            if relation.subject_id not in ids or relation.object_id not in ids:
                raise ValueError(f"relation {relation.id} has an end that is no entity of this sample")
        return self


class Sample(Annotation):
    """One revision of an annotated text: it held from change `since` of its dataset until before `until`."""

    key: str
    """`{dataset}/{id}@{since}`: the revision's own name in the store."""
    id: str
    dataset: str
    text: str
    text_hash: str
    split: Split | None = None
    since: int
    until: int = OPEN
    author: str = "import"
    source: str = "import"
    metadata: dict[str, Any] = Field(default_factory=dict)


class SplitLock(Record):
    """The split of a text in the whole store, fixed when it first came in."""

    text_hash: str
    split: Split


def sample_key(dataset: str, sample_id: str, since: int) -> str:
    """The name of one revision of a sample."""
    return f"{dataset}/{sample_id}@{since}"


Task = Literal["entities", "relations"]
TASKS: tuple[Task, ...] = ("entities", "relations")
