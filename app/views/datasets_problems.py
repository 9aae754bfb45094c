"""Lines of an import that need mending, and the file of them."""

from collections.abc import Callable

import pandas as pd
import streamlit as st

from app.components import export, heading, numbers
from app.components.table import ROW, visible
from core.records.datasets import ImportReport

SHOWN = 500


def show(report: ImportReport, *, key: str, to_mend: Callable[[], str]) -> None:
    """Draw the problems and the downloads; `to_mend` gives the lines themselves, whole. Nothing where there is no problem."""
    if not report.problems:
        return
    count = len(report.problems) + report.unlisted
    heading.section(
        numbers.plural(count, "problem"),
        "good lines are not held up by them: download these, mend them, import them again"
        + (f"; the first {numbers.count(SHOWN)} are shown" if count > SHOWN else ""),
    )
    rows = [{"line": each.line, "message": each.message, "hint": each.hint, "raw": each.raw} for each in report.problems]
    shown = [
        row | {"message": visible(str(row["message"])), "hint": visible(str(row["hint"])), "raw": visible(str(row["raw"])[:200])}
        for row in rows[:SHOWN]
    ]
    text = st.column_config.TextColumn
    st.dataframe(
        pd.DataFrame(shown), key=f"{key}.problems", hide_index=True, row_height=ROW, alt=f"{count} problems",
        height=ROW * (min(len(rows), 10) + 1) + 6,
        column_config={
            "line": st.column_config.NumberColumn(format="localized", width=70),
            "message": text(width="large"), "hint": text(width="medium"), "raw": text("line as it was", width="medium"),
        },
    )  # fmt: skip
    with st.container(horizontal=True, gap="small"):
        export.file_button("Lines to mend (JSONL)", to_mend, file_name=f"{report.dataset}-to-mend.jsonl", key=f"{key}.mend")
        export.buttons(lambda: rows, name=f"{report.dataset}-problems", key=f"{key}.problems")
