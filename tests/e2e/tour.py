"""What a visitor's tour needs: a browser that notes every misstep, the command line on the same store, data to bring."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qs, urlencode, urlsplit

import psutil
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, expect

from tests.e2e.conftest import ROOT, Served, Start

QUICK, LONG = 60_000, 240_000
"""Milliseconds until something must have happened: an answer of a page; a training run."""
TRIALS = ".js-plotly-plot .points path"
SHOTS = os.environ.get("SCREENSHOTS")
SAMPLES = ROOT / "config" / "samples"

_CSP = """document.addEventListener("securitypolicyviolation", (event) => {
  // long.js, within Streamlit, tries WebAssembly for its divisions and does without it where it may not
  if (event.blockedURI !== "wasm-eval") console.error(`refused by policy: ${event.violatedDirective} ${event.blockedURI}`)
})"""

FAINT_TEXTS = (Path(__file__).parent / "faint_texts.js").read_text(encoding="utf-8")
"""A script that lists every text whose contrast is too small."""


@dataclass
class Tour:
    """One server on one store, and everything that should not have happened in the browser."""

    browser: Browser
    serve: Start
    folder: Path
    served: Served
    page: Page = field(init=False)
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page = self.browser.new_page()
        self.arrive()

    @property
    def store(self) -> str:
        """The store of the whole tour."""
        return store_in(self.folder)

    def arrive(self, *, scheme: str = "light") -> Page:
        """Open the browser anew; what ran before is forgotten by it."""
        self.leave()
        page = self.browser.new_page(viewport={"width": 1360, "height": 900}, color_scheme=cast(Any, scheme))
        page.add_init_script(_CSP)
        page.on("console", self._note_console)
        page.on("pageerror", lambda error: self.wrong.append(f"script error: {error}"))
        page.on("dialog", lambda dialog: (self.wrong.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on("request", lambda request: self._note_address(request.url))
        page.on("websocket", lambda socket: self._note_address(socket.url))
        self.page = page
        return page

    def leave(self) -> None:
        """Close the browser's page."""
        if not self.page.is_closed():
            self.page.close()

    def open(self, name: str = "", **selection: str) -> Page:
        """Go to a page by its address and wait until it stands."""
        if self.page.is_closed():
            self.arrive()
        self.page.goto(f"{self.served.url}/{name}" + (f"?{urlencode(selection)}" if selection else ""))
        self.settle()
        return self.page

    def settle(self) -> None:
        """Wait for the script's end, a heading, and no exception."""
        expect(self.page.locator("h1").first).to_be_visible(timeout=QUICK)
        self.page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]', timeout=QUICK)
        assert self.page.get_by_test_id("stException").count() == 0

    def shot(self, name: str) -> None:
        """Keep a picture, where `SCREENSHOTS` names a folder."""
        if SHOTS:
            self.page.wait_for_timeout(700)  # charts fade in
            self.page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=False)

    def button(self, name: str) -> Locator:
        """A button by its words."""
        return self.page.get_by_role("button", name=name, exact=True)

    def says(self, words: str | re.Pattern[str], *, within: int = QUICK) -> None:
        """Wait until the page says it."""
        expect(self.page.get_by_text(words).first).to_be_visible(timeout=within)

    def choose(self, label: str, option: str | re.Pattern[str]) -> None:
        """Pick from a select box; waits for the page's answer."""
        self.page.get_by_role("combobox", name=label).click()
        self.page.get_by_role("option", name=option).first.click()
        self.settle()

    def linked(self, name: str) -> str:
        """What the address holds under a name, waited for."""
        self.page.wait_for_url(re.compile(rf"[?&]{name}="), timeout=QUICK)
        return parse_qs(urlsplit(self.page.url).query)[name][0]

    def core(self, *arguments: str) -> dict[str, Any]:
        """The command line on the same store."""
        return cast("dict[str, Any]", json.loads(self._said(*arguments, "--json")))

    def happened(self, run_id: str) -> list[str]:
        """The kinds of a run's events, in order."""
        return [json.loads(line)["event_type"] for line in self._said("run", run_id, "--events").splitlines()]

    def _said(self, *arguments: str) -> str:
        command = [sys.executable, "-m", "core", *arguments, "--store", self.store]
        done = subprocess.run(command, cwd=ROOT, env=environment(self.folder), capture_output=True, text=True, timeout=LONG / 1000)
        assert done.returncode == 0, done.stderr[-1000:]
        return done.stdout

    def have(self, domain: str, samples: Callable[[], str]) -> None:
        """See to it that a domain has a dataset of its own name, whatever ran before."""
        if any(each["name"] == domain for each in cast("list[dict[str, Any]]", self.core("domains", "list"))):
            return
        self.core("domains", "create", domain, "--description", f"Short texts that the tour brings along as {domain}.")
        file = self.folder / f"{domain}.jsonl"
        file.write_text(samples(), encoding="utf-8")
        self.core("import", domain, str(file), "--domain", domain)

    def preview(self, name: str, content: bytes, *, dataset: str, domain: str) -> None:
        """Upload a file on Datasets and ask what importing it would do."""
        self.open("datasets", view="import", domain=domain)
        field = self.page.get_by_label("Dataset: an existing one is added to")
        field.fill(dataset)
        field.press("Enter")
        self.settle()
        self.page.locator('input[type="file"]').set_input_files([{"name": name, "mimeType": "application/json", "buffer": content}])
        expect(self.button("Preview")).to_be_enabled(timeout=QUICK)
        self.button("Preview").click()

    def train(self, domain: str, *, seed: int, effort: str = "Light") -> str:
        """Start a run from the Train page; its id."""
        self.open("train", domain=domain)
        self.choose("Effort", re.compile(effort, re.IGNORECASE))
        seeding = self.page.get_by_role("spinbutton", name="Seed")
        seeding.fill(str(seed))
        seeding.press("Enter")
        self.settle()
        self.says(re.compile(r"About [\d,]+ calls"))
        self.button("Start training").click()
        return self.linked("run")

    def attempt(self, run_id: str) -> psutil.Process | None:
        """The process that works on a run."""
        return next((each for each in working(self.store) if {"attempt", run_id} <= set(each.info["cmdline"])), None)

    def _note_console(self, message: ConsoleMessage) -> None:
        # on a deep link Streamlit itself asks for /page/_stcore/... first and gets a 404
        if message.type == "error" and "/_stcore/" not in message.location.get("url", ""):
            self.wrong.append(f"console: {message.text}")

    def _note_address(self, url: str) -> None:
        if urlsplit(url).hostname not in ("127.0.0.1", None):
            self.wrong.append(f"request: {url}")


def store_in(folder: Path) -> str:
    """The address of the store in a folder."""
    return f"sqlite:///{folder}/workbench.db"


def environment(folder: Path) -> dict[str, str]:
    """What the command line needs to see the same as the server."""
    return {**os.environ, "OLLAMA_BASE_URL": "http://127.0.0.1:9", "EMBEDDING_MODEL": "fake", "LOG_FOLDER": str(folder)}


def working(store: str) -> list[psutil.Process]:
    """Every process that was started on a store: runners and attempts."""
    return [each for each in psutil.process_iter(["cmdline"]) if store in (each.info["cmdline"] or [])]


def end_all(store: str) -> None:
    """End what still works on a store."""
    for process in working(store):
        try:
            process.send_signal(signal.SIGKILL)
        except psutil.NoSuchProcess:
            continue


def small() -> list[dict[str, Any]]:
    """Forty short samples, without a split."""
    rows = sorted(_rows("clinical_notes"), key=lambda row: len(row["text"]))[:40]
    return [row | {"id": f"note-{number:02}"} for number, row in enumerate(rows, 1)]


def many() -> str:
    """Two hundred samples of three fields as JSONL: enough that a run lasts while one looks."""
    rows = [row for domain in ("clinical_notes", "tech_docs", "legal_contracts") for row in _rows(domain)]
    return "".join(f"{json.dumps(row)}\n" for row in rows)


def _rows(domain: str) -> list[dict[str, Any]]:
    lines = (SAMPLES / domain / "samples.jsonl").read_text(encoding="utf-8").splitlines()
    return [{name: value for name, value in json.loads(line).items() if name != "split"} for line in lines]


def completed(tour: Tour) -> list[dict[str, Any]]:
    """The completed runs of `mixed`, newest first."""
    return [run for run in cast("list[dict[str, Any]]", tour.core("runs", "mixed")) if run["status"] == "completed"]


def points(tour: Tour) -> int:
    return tour.page.locator(TRIALS).count()


def progress(tour: Tour) -> int:
    said = tour.page.locator('[role="progressbar"][aria-label*="%"]').last.get_attribute("aria-label") or ""
    found = re.search(r"(\d+) %", said)
    return int(found.group(1)) if found else 0


def last_event(tour: Tour) -> int:
    """The number of the newest event in the log."""
    return int((tour.page.locator(".newest .cell.number").nth(1).text_content(timeout=QUICK) or "0").replace(",", ""))


def wait_for_events(tour: Tour, *, after: int) -> None:
    """Wait until the log has moved on."""
    end = time.monotonic() + QUICK / 1000
    while last_event(tour) <= after:
        assert time.monotonic() < end, f"the log stays at {after}"
        tour.page.wait_for_timeout(100)


def wait_for_points(tour: Tour, *, more_than: int, within: int = LONG) -> None:
    """Wait until the chart shows so many trials."""
    expect(tour.page.locator(TRIALS).nth(more_than)).to_be_attached(timeout=within)


def cells(table: Locator) -> list[str]:
    return [text or "" for text in table.locator("canvas td").all_text_contents()]


def deploy(tour: Tour) -> None:
    tour.button("Deploy").click()
    tour.page.get_by_label("Who decides").fill("Ada")
    tour.page.get_by_label("Why", exact=True).fill("it reads more")
    tour.page.get_by_label("Why", exact=True).press("Tab")
    tour.settle()
    tour.button("Take into use").click()


def have_two_runs(tour: Tour) -> None:
    tour.have("mixed", many)
    for seed in (7, 8)[len(completed(tour)) :]:
        tour.core("train", "mixed", "--dataset", "mixed", "--seed", str(seed))


def statuses(table: Locator) -> list[str]:
    return [(row.text_content() or "") for row in table.locator("canvas tbody tr").all()]


def hostile(attack: str) -> list[dict[str, object]]:
    return [
        {
            "id": f"h{number:02}", "text": f"Note {number}: {attack} \u202ethgir\u202c met Ada{number} \u0007 at <b>Bonn</b>.",
            "entities": ["<script>owned=1</script>", f"Ada{number}", "![x](http://evil.example/?q=1)", "<b>Bonn</b>"],
            "relations": [{"subject": f"Ada{number}", "predicate": "<img src=x onerror=owned=1>", "object": "<b>Bonn</b>"}],
        }
        for number in range(1, 13)
    ]  # fmt: skip


def harmless(tour: Tour, name: str, **selection: str) -> None:
    """Nothing of the attack became more than text."""
    page = tour.open(name, **selection)
    page.wait_for_timeout(300)  # whatever would run has had its chance
    assert page.evaluate("window.owned") is None
    assert page.locator('img[src="x"], img[src*="evil"], a[href*="evil"]').count() == 0


def press_until(tour: Tour, label: str) -> None:
    """Tab on until something of this name has the focus."""
    reached = []
    for _ in range(60):
        tour.page.keyboard.press("Tab")
        named = tour.page.evaluate(
            "(({ariaLabel, tagName, innerText}) => ariaLabel || (tagName === 'BUTTON' ? innerText : ''))(document.activeElement)"
        )
        if label in named:
            return
        reached.append(named)
    raise AssertionError(f"no way to {label!r} by Tab: {reached}")
