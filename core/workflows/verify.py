"""Verify: what of the installation works, and what each missing part would add."""

import platform
import shutil
import sys
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from typing import Literal

from core.errors import WorkbenchError
from core.records.base import Record
from core.settings import NAMES, Settings, environment_name
from core.workbench import Workbench

State = Literal["works", "missing", "broken"]

_PACKAGES = (
    ("apsw", "the embedded store", "needed"),
    ("streamlit", "the pages", "needed"),
    ("dspy", "training; extraction with a trained prompt works without", "needed"),
    ("sentence-transformers", "semantic matching and recognition; without it names are compared by shared words", "optional"),
    ("neo4j", "a store for teams", "optional"),
    ("playwright", "tests in a real browser", "optional"),
)
_PROGRAMS = (
    ("chromium", ("chromium", "chromium-browser", "google-chrome"), "tests in a real browser"),
    ("java", ("java",), "tests against a real Neo4j"),
)


class Part(Record):
    """One part of the installation. `needed` ones decide whether the workbench works."""

    name: str
    state: State
    needed: bool
    detail: str
    adds: str = ""
    """What it is good for."""
    hint: str = ""


class SettingView(Record):
    """A setting, its value and where that came from."""

    name: str
    value: str
    origin: str
    environment: str | None


class Verification(Record):
    """Everything that was looked at. `ok` = all needed parts work."""

    ok: bool
    parts: tuple[Part, ...]
    settings: tuple[SettingView, ...]


def verify(bench: Workbench) -> Verification:
    """Look at every part. What is broken is in the result, so nothing is raised."""
    settings, broken = _settings(bench)
    parts = [_python(), *(_package(*package) for package in _PACKAGES)]
    if settings is None:
        parts.append(broken)
    else:
        parts += [
            _tried("store", "where everything is kept", lambda: _store(bench), needed=True),
            _tried("built-in model", "every page works without any other model", lambda: _answers(bench, "builtin"), needed=True),
            _tried("ollama", "local language models", lambda: _answers(bench, "ollama"), needed=False),
            _tried("embedder", "semantic matching and recognition", lambda: _embedder(bench), needed=False),
        ]
    parts += [_program(*program) for program in _PROGRAMS]
    ok = all(part.state == "works" for part in parts if part.needed)
    return Verification(ok=ok, parts=tuple(parts), settings=_views(settings) if settings else ())


def _settings(bench: Workbench) -> tuple[Settings | None, Part]:
    part = Part(name="settings", state="works", needed=True, detail="")
    try:
        return bench.settings, part
    except WorkbenchError as error:
        return None, part.model_copy(update={"state": "broken", "detail": error.message, "hint": error.hint})


def _views(settings: Settings) -> tuple[SettingView, ...]:
    """Values as they hold; addresses without what stands before an @ in them."""
    return tuple(
        SettingView(
            name=name,
            value=_safe(str(getattr(settings, name))),
            origin=settings.origins.get(name, "default"),
            environment=environment_name(name),
        )
        for name in NAMES
    )


def _safe(value: str) -> str:
    scheme, separator, rest = value.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{separator}{'•••@' + host.rpartition('@')[2] if '@' in host else host}{slash}{path}" if separator else value


def _python() -> Part:
    works = sys.version_info >= (3, 11)
    return Part(
        name="python", state="works" if works else "broken", needed=True, detail=platform.python_version(), adds="everything",
        hint="" if works else "install Python 3.11 or newer",
    )  # fmt: skip


def _package(name: str, adds: str, need: str) -> Part:
    try:
        return Part(name=name, state="works", needed=need == "needed", detail=version(name), adds=adds)
    except PackageNotFoundError:
        return Part(
            name=name, state="missing", needed=need == "needed", detail="not installed", adds=adds, hint="install the lock: make env"
        )


def _program(name: str, commands: tuple[str, ...], adds: str) -> Part:
    found = next((path for path in map(shutil.which, commands) if path), None)
    if found is None:
        return Part(name=name, state="missing", needed=False, detail="not found", adds=adds, hint=f"install {name}, for the tests only")
    return Part(name=name, state="works", needed=False, detail=found, adds=adds)


def _tried(name: str, adds: str, look: Callable[[], str], *, needed: bool) -> Part:
    try:
        return Part(name=name, state="works", needed=needed, detail=look(), adds=adds)
    except WorkbenchError as error:
        return Part(name=name, state="broken" if needed else "missing", needed=needed, detail=error.message, adds=adds, hint=error.hint)


def _store(bench: Workbench) -> str:
    return f"{bench.store.url} opens"


def _answers(bench: Workbench, provider: str) -> str:
    found = bench.gateway.providers[provider].models()
    return f"{len(found):,} models: {', '.join(sorted(info.model for info in found)[:5])}" if found else "no models yet: pull one"


def _embedder(bench: Workbench) -> str:
    bench.embedder.load()
    return f"{bench.embedder.name}, {bench.embedder.dimensions} dimensions"
