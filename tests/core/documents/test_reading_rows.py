"""Tables and lines of JSON: many documents in a file."""

import pytest

from core.documents.reading import Limits, ReadDocument, UnreadableDocument
from tests.core.documents.reads import one, read, texts


def test_a_row_of_a_table_is_a_document() -> None:
    found = read(("a.csv", b"part,pressure\npump,5 bar\nvalve,\n"))
    assert texts(found) == {"a.csv#1": "part: pump\npressure: 5 bar", "a.csv#2": "part: valve"}


def test_the_column_text_is_the_document_and_the_others_are_noted() -> None:
    found = read(("a.csv", b'id;Text\n1;"pump; 5 bar\nand more"\n2;valve\n'))
    assert texts(found) == {"a.csv#1": "pump; 5 bar\nand more", "a.csv#2": "valve"}
    assert all(isinstance(each, ReadDocument) and each.notes == ("other columns left out: id",) for each in found)


@pytest.mark.parametrize(("name", "sign"), [("a.csv", ","), ("a.csv", ";"), ("a.csv", "|"), ("a.tsv", "\t")])
def test_the_delimiter_is_told_from_the_rows(name: str, sign: str) -> None:
    rows = [["id", "text"], ["1", "well, it runs: 5; or so"], ["2", "a | b"], ["3", "x"]]
    table = "\n".join(sign.join(f'"{cell}"' if cell not in ("id", "text") else cell for cell in row) for row in rows)
    assert texts(read((name, table.encode()))) == {f"{name}#{number}": row[1] for number, row in enumerate(rows[1:], 1)}


def test_a_single_column_of_texts_with_commas_is_not_torn() -> None:
    assert list(texts(read(("a.csv", b"text\nwell, it runs\nslowly\nand, at last, stops\n"))).values()) == [
        "well, it runs", "slowly", "and, at last, stops",
    ]  # fmt: skip


def test_rows_that_do_not_fit_are_named_and_stop_no_other() -> None:
    found = read(("a.csv", b'id,text\n1,one\n2,two,too many\n3\n4,"a"b"\n5,five\n'))
    assert texts(found) == {"a.csv#1": "one", "a.csv#2": None, "a.csv#3": None, "a.csv#4": None, "a.csv#5": "five"}
    messages = [each.message for each in found if isinstance(each, UnreadableDocument)]
    assert "3 cells" in messages[0] and "no text" in messages[1] and "cannot be read" in messages[2]


def test_a_quote_that_is_never_closed_is_named_with_its_row() -> None:
    found = read(("a.csv", b'a,b\n1,2\n3,"open\n5,6\n'))
    assert texts(found) == {"a.csv#1": "a: 1\nb: 2", "a.csv#2": None}
    assert isinstance(found[1], UnreadableDocument) and "never closed" in found[1].message


def test_a_table_without_a_header_loses_no_row() -> None:
    assert list(texts(read(("a.csv", b"1,pump\n2,valve\n"))).values()) == ["column 1: 1\ncolumn 2: pump", "column 1: 2\ncolumn 2: valve"]


def test_a_line_of_json_is_a_document() -> None:
    lines = b'{"id": 1, "text": "pump"}\n\n{"content": "valve"}\r\n{"body": "seal", "title": "t"}\n{"a": "x", "b": "y"}'
    found = read(("a.jsonl", lines))
    assert texts(found) == {"a.jsonl#1": "pump", "a.jsonl#3": "valve", "a.jsonl#4": "seal", "a.jsonl#5": "a: x\nb: y"}
    assert isinstance(found[0], ReadDocument) and found[0].notes == ("other keys left out: id",)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"text": "cut', "no valid JSON"), (b'{"text": NaN}', "NaN"), (b'{"text": -Infinity}', "Infinity"), (b'{"text": 5}', "no string"),
        (b'{"a": "1", "a": "2"}', "twice"), (b'{"text": "x", "n": ' + b"9" * 5000 + b"}", "digits"), (b"[" * 100_000, "deep"),
        (b'{"a":' * 100_000, "deep"), (b'{"text": "\xff"}', "UTF-8"), (b'["x"]', "object"), (b'"x"', "object"),
        (b'{"text": ""}', "no text"),
        (b'{"n": 1}', "no text"),
    ],
)  # fmt: skip
def test_a_bad_line_of_json_is_named_by_its_number_and_stops_no_other(line: bytes, reason: str) -> None:
    found = read(("a.jsonl", b'{"text": "first"}\n' + line + b'\n{"text": "last"}\n'))
    assert texts(found) == {"a.jsonl#1": "first", "a.jsonl#2": None, "a.jsonl#3": "last"}
    assert isinstance(found[1], UnreadableDocument) and reason in found[1].message


def test_half_characters_and_nuls_in_json_are_replaced_and_said() -> None:
    found = one("a.jsonl", rb'{"text": "a\ud800b\u0000c \ud83d\ude00"}')
    assert found.text == "a\ufffdbc 😀"
    assert found.notes == ("NUL characters left out: 1", "half characters (lone surrogates) replaced: 1")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_json_lines_with_a_mark_are_read_in_its_encoding(encoding: str) -> None:
    found = read(("a.jsonl", '{"text": "Grüße"}\n{"text": "zwei"}'.encode(encoding)))
    assert list(texts(found).values()) == ["Grüße", "zwei"]


def test_a_line_beyond_the_limit_is_named_without_reading_it() -> None:
    limits = Limits(line_bytes=1000)
    found = read(("a.jsonl", b'{"text": "' + b"x" * 5000 + b'"}\n{"text": "next"}'), limits=limits)
    assert texts(found) == {"a.jsonl#1": None, "a.jsonl#2": "next"}
