import json
import os
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from core.cli.arguments import Parser, common
from core.cli.main import main
from core.cli.output import Output, printable
from core.cli.verbs import VERBS, Verb

Command = Callable[..., Any]
ROOT = Path(__file__).parents[3]


def process(*words: str, code: str | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    head = [sys.executable, "-c", code] if code else [sys.executable, "-m", "core"]
    env = {**os.environ, "OLLAMA_BASE_URL": "http://127.0.0.1:9", **environment}
    return subprocess.run([*head, *words], cwd=ROOT, env=env, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize("name", VERBS)
def test_every_verb_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([name, "--help"]) == 0
    said = capsys.readouterr()
    assert f"python -m core {name}" in said.out
    assert said.err == ""


def test_help_lists_every_verb_but_the_internal_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    listed = capsys.readouterr().out
    assert [name for name, verb in VERBS.items() if verb.help in listed] == [name for name, verb in VERBS.items() if not verb.internal]


@pytest.mark.parametrize(
    "words",
    [
        (), ("nothing",), ("runs", "--unknown"), ("domains",), ("domains", "rename"), ("domains", "create", "machines"),
        ("run",), ("runs", "--js"), ("runs", "--limit", "0"), ("train", "machines"), ("run", "x", "--cancel", "--resume"),
        ("train", "m", "--dataset", "d", "--metric", "f1", "--weights", "0.5", "0.5"), ("train", "m", "--dataset", "d", "--max-usd", "nan"),
    ],
)  # fmt: skip
def test_wrong_usage_has_status_2_and_says_what_is_right(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(list(words)) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("error: ")
    assert "\nhint: " in said.err


def test_a_refused_request_has_status_1_and_an_empty_standard_output(command: Command) -> None:
    done = command("domains", "show", "nothing", "--json")
    assert (done.status, done.out) == (1, "")
    assert done.err == "error: there is no domain 'nothing'\nhint: known: general\n"


def test_store_and_json_may_stand_before_or_after_the_verb(store_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    made = ["domains", "create", "machines", "--description", "Reports about machines."]
    assert main(["--store", store_url, "--json", *made]) == 0
    assert json.loads(capsys.readouterr().out)["name"] == "machines"
    for words in (["domains", "--json", "--store", store_url, "list"], ["domains", "list", "--json", f"--store={store_url}"]):
        assert main(words) == 0
        assert [each["name"] for each in json.loads(capsys.readouterr().out)] == ["general", "machines"]


def test_a_store_that_cannot_be_opened_is_an_error_like_any_other(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "no.db").write_text("no store")
    for url in (f"sqlite:///{tmp_path}/no.db", "carrier-pigeon://x"):
        assert main(["runs", "--json", "--store", url]) == 1
        said = capsys.readouterr()
        assert (said.out, said.err[:7]) == ("", "error: ")


def test_a_bug_names_its_kind_and_a_log_without_values(monkeypatch: pytest.MonkeyPatch, command: Command, tmp_path: Path) -> None:
    broken = ModuleType("core.cli.broken")

    def run(_bench: object, _args: object) -> Output:
        secret = "sk-canary"
        raise ZeroDivisionError(f"with {secret}")

    vars(broken).update(add=lambda _parser: None, run=run)
    monkeypatch.setitem(sys.modules, "core.cli.broken", broken)
    monkeypatch.setitem(VERBS, "broken", Verb("broken", "break"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    done = command("broken", "--json")
    assert (done.status, done.out) == (1, "")
    assert done.err.startswith("error: internal error: ZeroDivisionError\nhint: ")
    log = next(tmp_path.glob("domainsmith-error-*.log"))
    assert str(log) in done.err
    assert "with sk-canary" not in done.err + log.read_text()
    assert log.stat().st_mode & 0o077 == 0


def test_texts_cannot_steer_the_terminal(command: Command) -> None:
    hostile = "Reports \x1b[2J\x1b]0;owned\x07 about \u202emachines\u202c and more."
    done = command("domains", "create", "machines", "--description", hostile)
    assert done.status == 0
    assert not set("\x1b\x07\u202e\u202c") & set(done.out)
    assert command("domains", "show", "machines", "--json").document["description"] == hostile


def test_what_people_write_is_printed_as_it_is() -> None:
    text = "Größe\u00a05, naïve 👩\u200d🔧\n\tweiter"
    assert printable(text) == text


def test_a_reader_that_has_gone_is_no_error(store_url: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as gone:
        done = subprocess.run(
            [sys.executable, "-m", "core", "domains", "list", "--store", store_url],
            cwd=ROOT,
            stdout=gone,
            stderr=subprocess.PIPE,
            text=True,
            timeout=120,
        )
    assert (done.returncode, done.stderr) == (0, "")


def test_listing_runs_loads_nothing_heavy(store_url: str) -> None:
    code = (
        "import sys; from core.cli.main import main; status = main(sys.argv[1:]); "
        "print(status, sorted({'numpy', 'scipy', 'dspy', 'httpx', 'litellm', 'torch', 'pandas'} & set(sys.modules)))"
    )
    done = process("runs", "--json", "--store", store_url, code=code)
    assert done.stdout.splitlines() == ["[]", "0 []"]


def test_prices_are_never_fetched() -> None:
    code = "import os, core.__main__; print(os.environ['LITELLM_LOCAL_MODEL_COST_MAP'])"
    done = process(code=code, LITELLM_LOCAL_MODEL_COST_MAP="")
    assert done.stdout.splitlines()[-1] == "True"


def test_a_broken_setting_is_named_with_its_origin(store_url: str) -> None:
    done = process("runs", "--store", store_url, TRAINING_THREADS="many")
    assert (done.returncode, done.stdout) == (1, "")
    assert "TRAINING_THREADS" in done.stderr


def test_every_verb_module_has_the_same_shape() -> None:
    for name, verb in VERBS.items():
        module = import_module(f"core.cli.{verb.module}")
        parser = Parser(prog=name)
        common(parser)
        module.add(parser)
        assert callable(module.run)
