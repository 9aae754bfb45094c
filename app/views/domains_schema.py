"""The schema of a domain as two small tables that can be edited."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from app.components import heading
from app.components.table import ROW
from app.views.domains_edit import key
from core.records.domains import Domain, EntityType, Predicate, Schema

TYPES = ("name", "key", "definition")
PREDICATES = ("name", "subject types", "object types", "definition")


def edit(began: Domain) -> Schema:
    """Draw both tables and return the schema as it stands in them. Rows without a name are left out."""
    heading.section("Entity types", "without any, types are free; the key sets the type while annotating")
    text = st.column_config.TextColumn
    kinds = st.data_editor(
        _frame(TYPES, [{"name": each.name, "key": each.key, "definition": each.definition} for each in began.schema_.entity_types]),
        key=key(began, "types"), num_rows="dynamic", hide_index=True, row_height=ROW, width="stretch", alt="Entity types",
        column_config={"name": text(width=150, required=True), "key": text(width=60, max_chars=1), "definition": text(width="large")},
    )  # fmt: skip
    types = [
        EntityType(name=name, key=_text(row.get("key")) or None, definition=_text(row.get("definition"))) for name, row in _named(kinds)
    ]
    # Options that follow the table above would make this one a new widget, and lose its edits: a new type is typed in instead.
    names = [each.name for each in began.schema_.entity_types]
    heading.section("Predicates", "which types a relation may join; none chosen = any; a type added just now can be typed in")
    ends = st.column_config.MultiselectColumn(options=names, accept_new_options=True, width="medium", color="gray")
    rows = [
        {
            "name": each.name,
            "subject types": list(each.subject_types),
            "object types": list(each.object_types),
            "definition": each.definition,
        }
        for each in began.schema_.predicates
    ]
    links = st.data_editor(
        _frame(PREDICATES, rows), key=key(began, "predicates"), num_rows="dynamic", hide_index=True, row_height=ROW, width="stretch",
        column_config={"name": text(width=150, required=True), "subject types": ends, "object types": ends, "definition": text()},
        alt="Predicates",
    )  # fmt: skip
    predicates = [
        Predicate(
            name=name, definition=_text(row.get("definition")), subject_types=_list(row.get("subject types")),
            object_types=_list(row.get("object types")),
        )
        for name, row in _named(links)
    ]  # fmt: skip
    return Schema(entity_types=tuple(types), predicates=tuple(predicates))


def _frame(columns: Sequence[str], rows: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """Columns are there also where no row is, and hold objects: an empty column of another kind could not be edited."""
    return pd.DataFrame(list(rows), columns=list(columns), dtype=object)


def _named(frame: pd.DataFrame) -> list[tuple[str, dict[Any, Any]]]:
    rows: list[dict[Any, Any]] = frame.to_dict("records")
    return [(_text(row.get("name")), row) for row in rows if _text(row.get("name"))]


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _list(value: Any) -> tuple[str, ...]:
    return tuple(str(each) for each in value) if isinstance(value, (list, tuple)) else ()
