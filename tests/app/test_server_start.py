import socket
import subprocess
import sys
from pathlib import Path

import pytest

from app.__main__ import check_address, is_loopback, main
from app.security import content_policy, inline_script_hashes
from core.errors import SettingsError
from core.settings import Settings

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "[::1]", "127.8.8.8"])
def test_loopback_needs_no_word(host: str) -> None:
    assert is_loopback(host)
    check_address(Settings(host=host), anywhere=False)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "workbench.example", "localhost.example"])
def test_any_other_address_is_refused_until_it_is_said(host: str) -> None:
    with pytest.raises(SettingsError) as refused:
        check_address(Settings(host=host), anywhere=False)
    assert "--listen-anywhere" in refused.value.hint
    check_address(Settings(host=host), anywhere=True)


def test_a_refused_start_says_error_and_hint(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("WORKBENCH_HOST", "0.0.0.0")
    assert main([]) == 1
    said = capsys.readouterr().err
    assert said.startswith("error: the workbench has no login")
    assert "\nhint: " in said


def test_a_port_in_use_is_said_in_words(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("WORKBENCH_HOST", "127.0.0.1")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert main(["--port", str(taken.getsockname()[1])]) == 1
    assert "address already in use" in capsys.readouterr().err


def test_the_policy_names_no_other_origin_and_no_inline_script() -> None:
    rules = dict(rule.split(" ", 1) for rule in content_policy().split("; "))
    assert rules["default-src"] == "'self'"
    assert rules["frame-ancestors"] == "'none'"
    assert "http" not in content_policy()
    assert "unsafe" not in rules["script-src"]
    assert "*" not in content_policy()
    assert len(inline_script_hashes()) >= 1


def test_nothing_heavy_is_loaded_before_the_first_answer() -> None:
    heavy = "{'torch', 'dspy', 'sentence_transformers', 'sklearn', 'scipy', 'pandas'}"
    probe = f"import sys, app.__main__, app.server; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", probe], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.stdout.strip() == "[]", done.stderr[-500:]
