"""A small table of words and figures: settings side by side, samples that changed, versions. Long ones: `run_table` or st.dataframe."""

from collections.abc import Sequence

from app.components.drawn import Node, draw, node
from app.components.drawn import table as described

ROW = 28
"""Height of a row in pixels, here and in every st.dataframe."""


_SIGNS = {number: 0x2400 + number for number in range(0x20)} | dict.fromkeys((0x7F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)), 0x2426)


def visible(words: str) -> str:
    """Foreign words for a cell of `st.dataframe`: control characters, also those that turn the reading direction, as signs."""
    return words.translate(_SIGNS)


def show(
    heads: Sequence[str],
    rows: Sequence[Sequence["Node | str"]],
    *,
    right: Sequence[int] = (),
    key: str | None = None,
    picks: Sequence[str] = (),
    height: int | None = None,
) -> str | None:
    """Draw the table; `right` = indexes of right-aligned columns (figures).

    With `picks`, one value per row, rows can be clicked and the value of the row clicked last comes back; needs a key.
    """
    drawn = described(heads, rows, right=right)
    if picks:
        for row, pick in zip(drawn["in"][1]["in"], picks, strict=True):
            row["pick"] = pick
    picked = draw(drawn if height else node("boxed", drawn), key=key, height=height)
    return picked if picked in picks else None
