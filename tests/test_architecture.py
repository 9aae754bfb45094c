"""What review would otherwise repeat."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from core.settings import CONFIG_FILE, NAMES, environment_name

ROOT = Path(__file__).parents[1]
PRODUCT = sorted(path for folder in ("app", "core", "pages") for path in (ROOT / folder).rglob("*.py"))
PAGES = sorted(path for path in (ROOT / "pages").glob("*.py") if path.stem != "__init__")
MOST_LINES, MOST_PAGE_LINES, MOST_STATEMENTS = 300, 120, 40


def names(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


def test_imports_go_downward_only() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


@pytest.mark.parametrize("path", PRODUCT, ids=names(PRODUCT))
def test_a_file_can_be_read_in_one_sitting(path: Path) -> None:
    text = path.read_text()
    assert text.count("\n") <= (MOST_PAGE_LINES if path in PAGES else MOST_LINES)
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            statements = sum(isinstance(each, ast.stmt) for each in ast.walk(node)) - 1
            assert statements <= MOST_STATEMENTS, f"{node.name} has {statements} statements"


@pytest.mark.parametrize("path", PAGES, ids=names(PAGES))
def test_every_page_has_a_test_of_its_name(path: Path) -> None:
    assert (ROOT / "tests" / "pages" / f"test_{path.stem}.py").exists()


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_is_documented_where_it_is_set(name: str) -> None:
    line = next((line for line in (ROOT / CONFIG_FILE).read_text().splitlines() if line.startswith(f"{name}:")), "")
    assert "#" in line
    assert (environment_name(name) or "") in line


def test_nothing_is_rendered_unsafely() -> None:
    forbidden = re.compile(r"unsafe_allow_html|unsafe_allow_javascript|allow_pickle=True|pickle\.load|dspy\.configure\(")
    lines = ((path, number, line) for path in PRODUCT for number, line in enumerate(path.read_text().splitlines(), 1))
    assert [f"{path}:{number}" for path, number, line in lines if forbidden.search(line)] == []


def test_no_name_says_nothing() -> None:
    empty = re.compile(r"(^|_)(utils?|helpers?|common|managers?|misc)(_|$)")
    assert [name for name in names(PRODUCT) if empty.search(Path(name).stem)] == []


def test_the_lock_names_no_host_and_hashes_everything() -> None:
    text = (ROOT / "requirements.txt").read_text()
    assert "http" not in re.sub(r"(?m)^[a-z0-9_.-]*http[a-z0-9_.-]*==|^\s+#.*$", "", text)
    packages = [block for block in re.split(r"\n(?=\S)", text) if "==" in block.splitlines()[0]]
    assert packages
    assert all("--hash=sha256:" in block for block in packages)


def test_every_requirement_says_why() -> None:
    lines = [line for line in (ROOT / "requirements.in").read_text().splitlines() if line and not line.startswith("#")]
    assert [line for line in lines if "# " not in line] == []
