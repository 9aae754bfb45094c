"""What is listed on Classify: which documents, sorted into sure, unsure, none of these, set by hand and unreadable."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

import pandas as pd

from app import state
from app.classifying import Pile
from app.components import certainty, numbers
from app.components.table import visible
from app.resources import workbench
from core.records.documents import Classification
from core.records.domains import GENERAL
from core.workflows.classify import Classified, classification_of
from core.workflows.documents import newest_documents

T = TypeVar("T")
Sort = Literal["sure", "unsure", "none", "hand", "unreadable"]

SORTS: dict[Sort, str] = {
    "sure": "sure", "unsure": "unsure", "none": "none of these", "hand": "set by hand", "unreadable": "could not be read",
}  # fmt: skip
MOST = 10_000
"""Rows that a table shows; the filters find the others."""
MOST_LIVE = 500
"""While rows come in: to send thousands twice a second would take longer than to recognize them."""


@dataclass(frozen=True)
class Counted:
    """Everything that is there, counted."""

    sorts: tuple[Sort, ...]
    counts: Counter[Sort]
    domains: tuple[str, ...]


@dataclass(frozen=True)
class Shown:
    """What the filters let through."""

    rows: tuple[Classified, ...]
    unread: tuple[Classified, ...]
    table: pd.DataFrame

    @property
    def documents(self) -> list[str]:
        """Ids of the rows, each once."""
        return list(dict.fromkeys(said(row).document for row in self.rows))


def pile() -> Pile:
    """What this session brought."""
    return state.once("classify.pile", Pile)


def said(row: Classified) -> Classification:
    """What was recognized; only of a row that could be read."""
    assert row.classification is not None
    return row.classification


def sort_of(row: Classified) -> Sort:
    """Which sort a row is of; a person's word comes first."""
    answer = row.classification
    if answer is None:
        return "unreadable"
    if answer.overridden:
        return "hand"
    if answer.domain == GENERAL:
        return "none"
    return "sure" if answer.level == "High" else "unsure"


def earlier() -> list[Classified]:
    """The documents that came in last, by whomever: what is listed while this session brought none."""
    bench = workbench()
    found = [(each.document, classification_of(bench, each.document.id)) for each in newest_documents(bench)]
    return [Classified(file=document.name, document=document, classification=answer) for document, answer in found if answer]


def counted(rows: Sequence[Classified], stamp: object) -> Counted:
    """How many are of each sort; `stamp` changes whenever the rows do."""

    def make() -> Counted:
        sorts = tuple(sort_of(row) for row in rows)
        domains = {row.classification.domain for row in rows if row.classification}
        return Counted(sorts=sorts, counts=Counter(sorts), domains=tuple(sorted(domains)))

    return _unless_same("classify.counted", stamp, make)


def shown(rows: Sequence[Classified], stamp: object, sort: Sort | None, domain: str | None, *, live: bool) -> Shown:
    """The rows that a filter lets through, as a table; `stamp` changes whenever the rows do."""

    def make() -> Shown:
        sorts = counted(rows, stamp).sorts
        through = [
            row
            for row, of in zip(rows, sorts, strict=True)
            if sort in (None, of) and (domain is None or (row.classification and row.classification.domain == domain))
        ]
        listed = tuple(row for row in through if row.classification)
        return Shown(
            rows=listed, unread=tuple(row for row in through if not row.classification), table=_table(listed[: MOST_LIVE if live else MOST])
        )

    return _unless_same("classify.shown", (stamp, sort, domain, live), make)


def _unless_same(name: str, key: object, make: Callable[[], T]) -> T:
    """What was made for this key last, else made now: ten thousand rows take longer than all else of the page."""
    kept: tuple[object, T] | None = state.remembered(name, None)
    if kept is None or kept[0] != key:
        kept = (key, make())
        state.remember(name, kept)
    return kept[1]


def _table(rows: Sequence[Classified]) -> pd.DataFrame:
    answers = [said(row) for row in rows]
    return pd.DataFrame(
        {
            "document": [visible(answer.name) for answer in answers],
            "domain": [answer.domain for answer in answers],
            "sure": ["set by hand" if answer.overridden else certainty.word(answer.level) for answer in answers],
            "confidence": pd.Series([None if answer.overridden else answer.confidence for answer in answers], dtype="float64"),
            "next best": [next_best(answer) for answer in answers],
        }
    )


def next_best(answer: Classification) -> str:
    """The best other candidate, with its confidence; of a document set by hand, what had been recognized."""
    if answer.overridden:
        return f"recognized: {answer.recognized} {numbers.score(answer.confidence)}"
    other = next((each for each in answer.alternatives if each.domain != answer.domain), None)
    return f"{other.domain} {numbers.score(other.confidence)}" if other else numbers.UNKNOWN
