"""Every component in a real browser, behind the content policy that the workbench sends."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

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
