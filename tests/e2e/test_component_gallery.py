"""Every component in a real browser, behind the content policy that the workbench sends."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

SHOTS = os.environ.get("SCREENSHOTS")
COMPONENTS = ("h1", "h2", ".metric-value", ".bar-done", ".chip", ".span", "ins", "del", ".notice", ".empty", ".cell")


@pytest.fixture(scope="module")
def gallery(serve: Callable[..., Any]) -> str:
    served = serve(
        "-m", "uvicorn", "--app-dir", str(Path(__file__).parent), "gallery_server:app", "--port", "{port}", "--log-level", "warning"
    )
    return str(served.url)


@pytest.mark.parametrize(("scheme", "width"), [("light", 1360), ("dark", 1360), ("light", 820)])
def test_every_component_shows_without_console_errors_or_foreign_requests(
    gallery: str, watched: Callable[..., Any], scheme: str, width: int
) -> None:
    seen = watched(scheme=scheme, width=width)
    seen.open(gallery)
    seen.page.wait_for_selector(".js-plotly-plot .trace", state="attached")
    assert seen.page.get_by_test_id("stException").count() == 0
    for kind in COMPONENTS:
        assert seen.page.locator(kind).count() > 0, f"{kind} is not drawn"
    if SHOTS:
        height = seen.page.evaluate("document.querySelector('[data-testid=stMainBlockContainer]').scrollHeight")
        seen.page.set_viewport_size({"width": width, "height": int(height) + 60})
        seen.page.wait_for_timeout(600)
        seen.page.screenshot(path=Path(SHOTS) / f"gallery-{scheme}-{width}.png")
    assert seen.errors == []
    assert seen.foreign == set()


def test_hostile_text_stays_text(gallery: str, watched: Callable[..., Any]) -> None:
    seen = watched()
    seen.open(gallery)
    seen.page.wait_for_timeout(800)
    assert seen.page.title() == "Gallery"
    assert seen.page.locator("img[src*='attacker'], img[src='x'], a[href^='javascript']").count() == 0
    assert seen.page.locator(".notice .hint", has_text="<script>").count() == 1
    summary = seen.page.locator('[data-testid="stExpander"] summary').inner_text()
    assert "![b](https://attacker.invalid/?q=1) :material/bolt: :red[x]" in summary
    assert "[l](javascript:alert(1))" in summary
    assert seen.foreign == set()


def test_the_log_opens_a_prompt_as_text_and_keeps_it_open_through_refreshes(gallery: str, watched: Callable[..., Any]) -> None:
    seen = watched()
    seen.open(gallery)
    seen.page.locator(".row.pickable", has_text="412").first.click()
    seen.page.get_by_text("Event 412").wait_for()
    seen.page.wait_for_timeout(2500)  # two refreshes of the live part
    assert seen.page.get_by_text("Event 412").count() == 1
    assert seen.page.get_by_test_id("stCode").count() >= 1
    assert seen.errors == []


def test_a_refresh_neither_moves_the_page_nor_the_log(gallery: str, watched: Callable[..., Any]) -> None:
    seen = watched()
    seen.open(gallery)
    log = seen.page.locator(".scrolls").first
    log.evaluate("element => { element.scrollTop = 120 }")
    before = seen.page.locator("h1").nth(1).bounding_box()
    seen.page.wait_for_timeout(2500)
    assert log.evaluate("element => element.scrollTop") == 120
    assert seen.page.locator("h1").nth(1).bounding_box() == before


def test_a_span_is_picked_by_mouse_and_by_key(gallery: str, watched: Callable[..., Any]) -> None:
    seen = watched()
    seen.open(gallery)
    span = seen.page.locator(".span.pickable", has_text="atrial fibrillation").first
    span.focus()
    seen.page.keyboard.press("Enter")
    seen.page.get_by_text("picked 2", exact=True).wait_for()
    seen.page.locator(".span.pickable", has_text="metoprolol").first.click()
    seen.page.get_by_text("picked 0", exact=True).wait_for()
    assert seen.errors == []


def test_copied_text_holds_no_type_names(gallery: str, watched: Callable[..., Any]) -> None:
    seen = watched()
    seen.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    seen.open(gallery)
    passage = seen.page.locator(".passage:has(.type)").first
    passage.click(click_count=3, position={"x": 20, "y": 12})
    seen.page.keyboard.press("Control+c")
    copied = seen.page.evaluate("navigator.clipboard.readText()")
    assert "metoprolol 25 mg twice" in copied


def lit(page: Any) -> list[str]:
    return [text for text in page.locator(".linked .lit").all_inner_texts() if text]


def test_pointing_at_a_row_lights_its_names_and_at_a_name_its_rows(gallery: str, watched: Callable[..., Any]) -> None:
    seen = watched()
    seen.open(gallery)
    requests: list[str] = []
    seen.page.on("websocket", lambda socket: requests.append(socket.url))
    page = seen.page
    page.locator(".linked-tables .row", has_text="has_dose").hover()
    assert [text.split("\n")[0].split("drug")[0].split("dose")[0] for text in lit(page)[:2]] == ["metoprolol", "25 mg"]
    assert page.evaluate("CSS.highlights.get('evidence').size") == 1
    between = page.evaluate("[...CSS.highlights.get('evidence')][0].toString()")
    assert between.startswith("metoprolol")
    assert "25 mg" in between
    page.locator(".linked-text [data-name]", has_text="metoprolol").hover()
    expect(page.locator(".linked-tables .row.lit")).to_have_count(2)
    page.locator("h1").first.hover()
    assert lit(page) == []
    assert requests == []


def test_pressing_a_row_scrolls_the_text_to_its_first_mention(gallery: str, watched: Callable[..., Any]) -> None:
    seen = watched()
    seen.open(gallery)
    box = seen.page.locator(".linked-text")
    seen.page.locator(".linked-tables .row", has_text="lisinopril").click()
    assert box.evaluate("element => element.scrollTop") > 200
    arrived, frame = seen.page.locator(".linked-text .arrived").bounding_box(), box.bounding_box()
    assert frame["y"] <= arrived["y"] <= frame["y"] + frame["height"]


def test_a_table_and_a_text_are_one_stop_each_and_the_arrows_lead_on(gallery: str, watched: Callable[..., Any]) -> None:
    seen = watched()
    seen.open(gallery)
    page = seen.page
    first = page.locator(".linked-tables .linked-rows").first
    expect(first.locator('[tabindex="0"]')).to_have_count(1)
    first.locator('[tabindex="0"]').focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.locator(".linked-text .lit")).to_have_text(["warfarindrug"])
    page.keyboard.press("Enter")
    expect(page.locator(".linked-text .arrived")).to_have_text(["warfarindrug"])
    page.keyboard.press("Tab")
    assert "has_dose" in page.locator(".linked-tables .row:focus").inner_text()


def test_a_row_without_a_name_in_the_text_asks_the_server_each_time_it_is_pressed(gallery: str, watched: Callable[..., Any]) -> None:
    seen = watched()
    seen.open(gallery)
    row = seen.page.locator(".linked-tables .row", has_text="aspirin")
    row.click()
    seen.page.get_by_text("told 1", exact=True).wait_for()
    row.click()
    seen.page.get_by_text("told 2", exact=True).wait_for()
    assert seen.errors == []


def test_text_and_tables_stand_under_each_other_where_it_is_narrow(gallery: str, watched: Callable[..., Any]) -> None:
    for width, beside in ((1360, True), (820, False)):
        seen = watched(width=width)
        seen.open(gallery)
        for _ in range(50):  # it is drawn, then laid out by its own width
            text, tables = (seen.page.locator(place).bounding_box() for place in (".linked-text", ".linked-tables"))
            stand_beside = bool(text and tables and text["width"] and tables["x"] >= text["x"] + text["width"])
            if stand_beside is beside:
                break
            seen.page.wait_for_timeout(100)
        assert stand_beside is beside
