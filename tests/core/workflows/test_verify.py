from dataclasses import replace

from core.workbench import Workbench
from core.workflows.verify import verify


def test_what_is_missing_says_what_it_would_add_and_how_to_get_it(bench: Workbench) -> None:
    found = verify(bench)
    parts = {part.name: part for part in found.parts}
    assert found.ok
    assert parts["ollama"].state == "missing"
    assert parts["ollama"].adds and parts["ollama"].hint
    assert parts["store"].state == parts["built-in model"].state == "works"


def test_every_setting_names_its_origin(bench: Workbench) -> None:
    origins = {setting.name: setting.origin for setting in verify(bench).settings}
    assert origins["store"] == "argument"
    assert origins["training_threads"].startswith("config/workbench.yml:")


def test_a_password_in_an_address_is_not_shown(bench: Workbench) -> None:
    settings = bench.settings.model_copy(update={"ollama_base_url": "http://ada:sk-canary@127.0.0.1:9/x"})
    shown = verify(replace(bench, settings=settings)).model_dump_json()
    assert "canary" not in shown
    assert "•••@127.0.0.1:9/x" in shown
