"""What review would otherwise repeat for every page and component."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted([*(ROOT / "app").rglob("*.py"), *(ROOT / "pages").rglob("*.py")])
MARKDOWN = {
    "markdown",
    "write",
    "caption",
    "title",
    "header",
    "subheader",
    "error",
    "warning",
    "info",
    "success",
    "toast",
    "badge",
    "latex",
    "html",
    "write_stream",
}
LITERAL_HTML = {"app/main.py"}
LABELED = set(
    "button checkbox toggle selectbox multiselect radio text_input text_area number_input slider expander popover tabs metric "
    "download_button page_link form_submit_button segmented_control pills file_uploader status spinner link_button".split()
)


def calls(path: Path) -> list[ast.Call]:
    return [found for found in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(found, ast.Call)]


def name_of(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def of_streamlit(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name) and call.func.value.id == "st"


def is_shown_safely(value: ast.expr) -> bool:
    """A figure by `numbers`, or words by `labels.label`."""
    if not isinstance(value, ast.Call) or not isinstance(value.func, ast.Attribute | ast.Name):
        return False
    if isinstance(value.func, ast.Name):
        return value.func.id in ("label", "len")
    return isinstance(value.func.value, ast.Name) and value.func.value.id in ("numbers", "labels")


def has_foreign_words(argument: ast.expr) -> bool:
    """Whether a value other than plain words, figures and escaped words is put into it."""
    parts = list(ast.walk(argument))
    filled = any(isinstance(part, ast.FormattedValue) and not is_shown_safely(part.value) for part in parts)
    return filled or any(isinstance(part, ast.BinOp) for part in parts)


def test_there_are_sources_to_look_at() -> None:
    assert len(SOURCES) > 20


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_source_asks_for_unsafe_html_or_scripts(path: Path) -> None:
    flags = {keyword.arg for call in calls(path) for keyword in call.keywords}
    assert not flags & {"unsafe_allow_html", "unsafe_allow_javascript"}
    assert not [call for call in calls(path) if name_of(call) in ("iframe", "declare_component", "eval", "exec")]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_markdown_is_only_ever_our_own_literal_words(path: Path) -> None:
    if str(path.relative_to(ROOT)) in LITERAL_HTML:
        return
    for call in calls(path):
        if of_streamlit(call) and name_of(call) in MARKDOWN:
            for argument in call.args[:1]:
                assert isinstance(argument, ast.Constant), f"{path.name}:{call.lineno} renders what is not literal as markdown"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_labels_hold_no_foreign_words(path: Path) -> None:
    for call in calls(path):
        if of_streamlit(call) and name_of(call) in LABELED:
            for argument in call.args[:1]:
                assert not has_foreign_words(argument), f"{path.name}:{call.lineno} puts a value into a label, which is markdown"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_the_state_module_touches_session_and_address(path: Path) -> None:
    if path.name == "state.py":
        return
    words = {part.attr for part in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(part, ast.Attribute)}
    assert not words & {"session_state", "query_params"}


def test_the_component_script_never_parses_markup() -> None:
    for script in (ROOT / "app").rglob("*.js"):
        source = script.read_text(encoding="utf-8")
        for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "http://", "https://"):
            assert word not in source, f"{script.name} holds {word}"


def test_the_style_sheets_ask_no_other_host() -> None:
    for sheet in (ROOT / "app").rglob("*.css"):
        assert "url(" not in sheet.read_text(encoding="utf-8")
        assert "@import" not in sheet.read_text(encoding="utf-8")


def test_every_line_of_the_streamlit_settings_says_why() -> None:
    for line in (ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8").splitlines():
        assert not line.strip() or line.startswith(("#", "[")) or "  # " in line, line


@pytest.mark.parametrize("path", sorted((ROOT / "pages").glob("*.py")), ids=lambda path: path.name)
def test_a_page_is_thin(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 120
