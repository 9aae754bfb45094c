"""Texts in every encoding that people's files are in."""

from collections.abc import Iterator

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.documents.encoding import decode
from core.documents.reading import Read, ReadDocument, Upload, read_files
from tests.core.documents.reads import LAST, one, texts
from tests.core.documents.reads import read as read_all

GERMAN = "Die Änderung der Überströmventile wurde für größere Drücke geprüft: „Straße“ – 5 €, 20 °C, 3 m³."
FRENCH = "L’élève a reçu les résultats de l’épreuve à Besançon ; où est le garçon ?"
POLISH = "Zażółć gęślą jaźń. Właściciel przedsiębiorstwa podpisał umowę z wykonawcą w Łodzi."
RUSSIAN = "Договор был подписан сторонами в Москве. Настоящий документ вступает в силу."
JAPANESE = "契約は東京で署名されました。この文書は直ちに有効になります。"


@pytest.fixture(scope="module")
def pending() -> list[Upload]:
    """Files that wait to be read."""
    return []


@pytest.fixture(scope="module")
def reading(pending: list[Upload]) -> Iterator[Iterator[Read]]:
    """One reader for all examples: what is asked of it next is in `pending`."""

    def feed() -> Iterator[Upload]:
        while True:
            yield pending.pop()

    reading = read_files(feed())
    yield reading
    reading.close()  # type: ignore[attr-defined]


@given(text=st.text(st.characters(codec="utf-8")))
def test_any_text_comes_back_but_for_line_ends_and_nul(text: str, pending: list[Upload], reading: Iterator[Read]) -> None:
    assume(not text.startswith(("PK\x03\x04", "PK\x05\x06")) and "%PDF-" not in text and text.count("\0") * 8 < len(text))
    pending.append(Upload("a.txt", text.encode("utf-8")))
    found = next(reading)
    expected = text.removeprefix("\ufeff").replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")
    if expected.strip():
        assert isinstance(found, ReadDocument)
        assert found.text == expected
        assert bool(found.notes) == ("\0" in text)
    else:
        assert not isinstance(found, ReadDocument)


@given(
    content=st.binary(max_size=300), name=st.sampled_from(["a.txt", "a.html", "a.csv", "a.jsonl", "a.eml", "a.pdf", "a.docx", "a.zip", "a"])
)
def test_any_bytes_under_any_name_are_read_or_named(name: str, content: bytes, pending: list[Upload], reading: Iterator[Read]) -> None:
    pending += [LAST, Upload(name, content)]
    assert next(reading).name.startswith(name)
    while (found := next(reading)).name != LAST.name:
        assert found.name.startswith(name)
    assert isinstance(found, ReadDocument)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("marked", [True, False])
def test_wide_encodings_are_told_by_their_mark_or_their_pattern(encoding: str, marked: bool) -> None:
    if not marked and encoding in ("utf-16", "utf-32", "utf-8-sig"):
        return
    mark = "\ufeff" if marked and encoding.endswith("e") else ""
    assert one("a.txt", (mark + GERMAN).encode(encoding)).text == GERMAN


@pytest.mark.parametrize(
    ("text", "encoding", "name"),
    [
        (GERMAN, "cp1252", "cp1252"), (FRENCH, "cp1252", "cp1252"), ("Überdruck", "iso8859-1", "cp1252"), ("niño", "latin-1", "cp1252"),
        (POLISH, "cp1250", "cp1250"), (RUSSIAN, "cp1251", "cp1251"), (RUSSIAN, "koi8-r", "koi8_r"), (JAPANESE, "shift_jis", "shift_jis"),
        (JAPANESE, "euc_jp", "euc_jp"), ("合同已在北京签署。本文件立即生效。公司的地址在上海市。", "gb18030", "gb18030"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("times", [1, 5000])
def test_old_encodings_are_guessed_and_the_guess_is_noted(text: str, encoding: str, name: str, times: int) -> None:
    found = decode("\n".join([text] * times).encode(encoding))
    assert found.text == "\n".join([text] * times)
    assert found.encoding.replace("_", "") == name.replace("_", "").replace("koi8r", "koi8-r")
    assert found.notes == (f"the encoding was guessed: {name}",)


def test_a_few_damaged_places_make_no_other_encoding_and_are_counted() -> None:
    content = "größere Drücke für Überströmventile".encode()
    found = one("a.txt", content + b" \xff\n")
    assert found.text == "größere Drücke für Überströmventile \ufffd\n"
    assert found.notes == ("places that are no utf-8 replaced: 1",)


def test_what_a_page_says_of_its_encoding_holds() -> None:
    page = "<html><head><meta charset='{}'></head><body>{}</body></html>"
    assert one("a.html", page.format("windows-1251", RUSSIAN).encode("cp1251")).text.strip() == RUSSIAN
    assert one("a.html", page.format("ISO-8859-1", "5 € „x“").encode("cp1252")).text.strip() == "5 € „x“"
    assert one("a.html", page.format("utf-8", GERMAN).encode("utf-16")).text.strip() == GERMAN


@pytest.mark.parametrize("charset", ["no-such", "rot13", "zip", "hex", "idna", "unicode_escape", "utf-7", "", "'"])
def test_a_page_that_names_no_real_encoding_is_read_all_the_same(charset: str) -> None:
    assert one("a.html", f"<meta charset='{charset}'><body>Grüße \\u0041</body>".encode()).text.strip() == "Grüße \\u0041"


def test_a_table_in_windows_1252_is_read() -> None:
    found = read_all(("a.csv", "id;text\n1;Grüße\n2;Öl\n".encode("cp1252")))
    assert list(texts(found).values()) == ["Grüße", "Öl"]
