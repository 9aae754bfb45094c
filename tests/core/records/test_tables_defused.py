import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.records.tables import as_csv, as_json, defused

DANGEROUS = [
    *("=1+1", "+SUM(A1)", "-2+3+cmd|' /C calc'!A0", "@SUM(1)", "|calc", "%0A"),
    *("\t=1", "\r=1", "\n=1", " =1", "\u00a0=1", "\u3000=1", "\u200b=1", "\ufeff=1"),
    *("＝1", "－cmd", "＋1+x", "＠x"),
]


def cells(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("text", DANGEROUS)
def test_a_cell_that_would_run_as_a_formula_is_shown_as_text(text: str) -> None:
    assert defused(text).startswith("'")


@pytest.mark.parametrize("text", ["plain", "a=b", "mail@host", "3-4", "", "über", "'quoted'", "-0.30", "+5", "1e-3", "12:30"])
def test_a_harmless_cell_stays_as_it_is(text: str) -> None:
    assert defused(text) == text


@pytest.mark.parametrize("value", [-3, 0.5, None, True])
def test_a_number_stays_a_number(value: object) -> None:
    assert defused(value) is value


def test_every_line_of_a_cell_is_defused() -> None:
    assert defused("fine\n=1\r\n -x\rend") == "fine\n'=1\r\n' -x\rend"


@given(st.text())
def test_no_line_of_any_cell_begins_a_formula(text: str) -> None:
    shown = defused(text)
    for line in shown.splitlines():
        begin = line.lstrip()[:1]
        assert begin not in ("=", "@")
        assert begin not in ("+", "-") or shown == text  # then it is a plain number


def test_column_names_are_defused_too() -> None:
    assert cells(as_csv([{"=cmd": "x"}]))[0] == ["'=cmd"]


def test_csv_holds_every_column_of_every_row_and_nested_values_as_json() -> None:
    rows: list[dict[str, object]] = [{"a": 1, "b": None}, {"a": 'x,"y"', "c": {"k": [1]}}]
    assert cells(as_csv(rows)) == [["a", "b", "c"], ["1", "", ""], ['x,"y"', "", '{"k": [1]}']]


def test_csv_begins_with_the_mark_that_spreadsheets_need_for_umlauts() -> None:
    assert as_csv([{"a": "ü"}]).startswith(b"\xef\xbb\xbf")


def test_json_keeps_values_as_they_are() -> None:
    assert json.loads(as_json([{"a": "=1+1", "n": None}])) == [{"a": "=1+1", "n": None}]
