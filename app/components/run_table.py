"""Many runs: sortable, searchable, and where one or two are picked."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.elements.arrow import DataframeStateInput

from app.components import numbers
from app.components.table import ROW
from core.records.runs import TrainingRun

_MARKS = {"completed": "✓", "running": "◌", "pending": "·", "failed": "✕", "cancelled": "–", "interrupted": "‖"}


def show(
    runs: Sequence[TrainingRun], *, key: str, selected: Sequence[str] = (), several: bool = True, notes: dict[str, str] | None = None
) -> list[str]:
    """Draw the runs, newest first as given; returns the ids of the selected rows, in the order of the table.

    `selected` = ids that are selected at first (from the address); `notes` by run id.
    """
    places = {run.id: place for place, run in enumerate(runs)}
    default: DataframeStateInput = {"selection": {"rows": [places[run] for run in selected if run in places]}}
    chosen = st.dataframe(
        pd.DataFrame([row(run, (notes or {}).get(run.id, "")) for run in runs]),
        key=key,
        hide_index=True,
        row_height=ROW,
        column_config=_columns(),
        on_select="rerun",
        selection_mode="multi-row" if several else "single-row",
        selection_default=default,
        placeholder=numbers.UNKNOWN,
        height=_height(len(runs)),
        alt=f"{len(runs)} runs",
    )
    return [runs[place].id for place in chosen["selection"]["rows"] if place < len(runs)]


def row(run: TrainingRun, note: str = "") -> dict[str, Any]:
    """One run's cells, also for the export; unknown figures are None."""
    gain = run.gain
    return {
        "run": run.id,
        "status": f"{_MARKS.get(run.status.value, '·')} {run.status.value}",
        "optimizer": " ".join(part for part in (run.optimizer.name, run.optimizer.auto) if part),
        "score": run.result.score if run.result else None,
        "gain": gain.test if gain else None,
        "interval": numbers.interval(gain.low, gain.high) if gain else numbers.UNKNOWN,
        "entity F1": run.result.entity_f1 if run.result else None,
        "relation F1": run.result.relation_f1 if run.result else None,
        "calls": run.calls,
        "time": numbers.duration(run.elapsed_ms),
        "started": numbers.moment(run.started_at),
        "model": run.model,
        "data": run.dataset_version,
        "cost": numbers.dollars(run.cost.estimated_cost_usd),
        "seed": run.seed,
        "note": note,
    }


def _columns() -> dict[str, Any]:
    score = {
        name: st.column_config.NumberColumn(format="%.2f", width="small", help="On the sealed test")
        for name in ("score", "entity F1", "relation F1")
    }
    right = {name: st.column_config.TextColumn(alignment="right", width="small") for name in ("interval", "time", "started", "cost")}
    return {
        "run": st.column_config.TextColumn(width="medium"),
        "status": st.column_config.TextColumn(width="small"),
        **score,
        "gain": st.column_config.NumberColumn(format="%+.2f", width="small", help="Trained minus untrained, on the sealed test"),
        "calls": st.column_config.NumberColumn(format="localized", width="small"),
        "seed": st.column_config.NumberColumn(format="%d", width="small"),
        **right,
    }


def _height(rows: int) -> int:
    return ROW * (min(rows, 14) + 1) + 8
