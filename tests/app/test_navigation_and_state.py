from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app import chosen, resources
from core.errors import StoreUnavailableError
from core.records.domains import Domain
from core.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("overview", "domains", "datasets", "train", "runs", "prompts")


@pytest.fixture
def started(tmp_path: Path) -> Iterator[None]:
    chosen.choose(
        Settings(store=f"sqlite:///{tmp_path}/w.db", log_folder=tmp_path, embedding_model="fake", ollama_base_url="http://127.0.0.1:9")
    )
    yield
    resources.close()


@pytest.mark.usefixtures("started")
def test_the_workbench_is_opened_once_and_closed_for_good() -> None:
    bench = resources.workbench()
    assert resources.workbench() is bench
    assert bench.store.count(Domain) == 0
    resources.close()
    with pytest.raises(StoreUnavailableError):
        bench.store.count(Domain)
    assert resources.workbench() is not bench


@pytest.mark.usefixtures("started")
@pytest.mark.parametrize("page", PAGES)
def test_every_page_of_the_navigation_runs_on_an_empty_store(page: str) -> None:
    at = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=30).run()
    assert not at.exception
    at.switch_page(f"../pages/{page}.py").run()
    assert not at.exception


def keeps_a_selection() -> None:
    import streamlit as st  # noqa: PLC0415 - AppTest runs this function's text as a script of its own

    from app import state  # noqa: PLC0415

    if st.button("select"):
        state.select_domain("legal")
        state.select_pair("r1", None)
    st.text(f"{state.domain()} {state.pair()} {state.linked('run')}")


def test_a_link_selects_and_a_selection_becomes_a_link() -> None:
    at = AppTest.from_function(keeps_a_selection)
    at.query_params["run"] = "legal_20261120_153000"
    at.run()
    assert at.text[0].value == "None (None, None) legal_20261120_153000"
    at.button[0].click().run()
    assert at.text[0].value == "legal ('r1', None) legal_20261120_153000"
    assert at.query_params["domain"] == "legal"
    assert at.query_params["a"] == "r1"


@pytest.mark.parametrize("typed", ["x" * 201, "a\u202eb", "a\nb", ""])
def test_nonsense_in_the_address_selects_nothing(typed: str) -> None:
    at = AppTest.from_function(keeps_a_selection)
    at.query_params["run"] = typed
    at.run()
    assert at.text[0].value.endswith("None")


def shows_an_error() -> None:
    import streamlit as st  # noqa: PLC0415

    from app import errors  # noqa: PLC0415
    from core.errors import InvalidValueError  # noqa: PLC0415

    name = st.text_input("Name", key="name")
    with errors.shown() as outcome:
        if name:
            raise InvalidValueError(f"{name} is taken", hint="choose another")
    st.text(f"after, failed: {outcome.failed}")


def test_an_error_is_shown_as_text_and_keeps_what_was_typed() -> None:
    at = AppTest.from_function(shows_an_error).run()
    at.text_input[0].set_value("![x](http://attacker)").run()
    assert not at.exception
    assert at.text_input[0].value == "![x](http://attacker)"
    assert at.text[0].value == "after, failed: True"
    assert not at.markdown
    assert not at.error
