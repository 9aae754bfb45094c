"""The real server in a real browser."""

from collections.abc import Callable
from typing import Any

import pytest


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_opens_without_console_errors_or_foreign_requests(server: Any, watched: Callable[..., Any], scheme: str) -> None:
    seen = watched(scheme=scheme)
    seen.open(server.url)
    links = seen.page.eval_on_selector_all('[data-testid="stSidebarNavLink"]', "found => found.map(link => link.href)")
    assert len(links) >= 6
    for link in links:
        seen.open(link)
        assert seen.page.get_by_test_id("stException").count() == 0
        assert seen.page.locator("h1").count() >= 1, f"{link} has no heading"
    assert seen.errors == []
    assert seen.foreign == set()


def test_the_sidebar_is_190_pixels_wide_and_in_groups(server: Any, watched: Callable[..., Any]) -> None:
    seen = watched()
    seen.open(server.url)
    box = seen.page.get_by_test_id("stSidebar").bounding_box()
    assert round(box["width"]) == 190
    assert [name for name in ("Teach", "Judge") if seen.page.get_by_text(name, exact=True).count()] == ["Teach", "Judge"]
