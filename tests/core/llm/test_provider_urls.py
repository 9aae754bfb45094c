"""Addresses where no model is asked are refused, however they are written and whatever a name resolves to."""

import httpcore
import httpx
import pytest

from core.errors import InvalidValueError
from core.llm.providers.urls import checked_base_url, without_userinfo
from core.llm.providers.watched_http import Resolve, Watch, resolve, watched_client, watching
from tests.standins.ollama import StandIn

SECRET = "CANARY7e1b9"


def client_for(host: str, ollama: StandIn, resolver: Resolve) -> httpx.Client:
    port = ollama.url.rsplit(":")[-1]
    return watched_client(f"http://{host}:{port}", connect_seconds=2.0, seconds=10.0, resolver=resolver)


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("http://localhost:11434", "http://localhost:11434"),
        (" http://LOCALHOST:11434/ ", "http://localhost:11434"),
        ("https://models.example/ollama/", "https://models.example/ollama"),
        ("http://127.0.0.1:11434", "http://127.0.0.1:11434"),
        ("http://192.168.1.20:11434", "http://192.168.1.20:11434"),
        ("http://10.0.0.5", "http://10.0.0.5"),
        ("http://[::1]:11434", "http://[::1]:11434"),
        ("http://[::ffff:127.0.0.1]:11434", "http://127.0.0.1:11434"),
        ("http://0x7f.1:11434", "http://127.0.0.1:11434"),
        ("http://2130706433", "http://127.0.0.1"),
        ("http://gpu-1.lan:11434", "http://gpu-1.lan:11434"),
    ],
)
def test_addresses_of_local_and_remote_servers_are_used_in_their_plain_form(given: str, used: str) -> None:
    assert checked_base_url(given) == used


@pytest.mark.parametrize(
    "host",
    [
        "169.254.169.254",
        "169.254.1.1",
        "[::ffff:169.254.169.254]",
        "[::ffff:a9fe:a9fe]",
        "[64:ff9b::a9fe:a9fe]",
        "[2002:a9fe:a9fe::1]",
        "0xa9fea9fe",
        "0xA9.0xFE.0xA9.0xFE",
        "2852039166",
        "0251.0376.0251.0376",
        "169.16689662",
        "[fe80::1]",
        "[fe80::1%25eth0]",
        "[fd00:ec2::254]",
        "100.100.100.200",
        "0.0.0.0",
        "[::]",
        "224.0.0.1",
        "255.255.255.255",
    ],
)
def test_metadata_link_local_and_other_odd_addresses_are_refused_in_every_notation(host: str) -> None:
    with pytest.raises(InvalidValueError, match="no model is asked there"):
        checked_base_url(f"http://{host}:80/")


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://localhost",
        "gopher://localhost:11434",
        "unix:///run/ollama.sock",
        "localhost:11434",
        "//localhost",
        "",
        "http://",
        "http://[::1",
        "http://host:port",
        "http://localhost:99999",
        "http://localhost\r\nX: y",
        "http://local host",
        "http:\\\\localhost",
        "http://localhost?key=a",
        "http://localhost#a",
        "http://user@localhost",
        "http://169.254.169.254@localhost",
        "http://localhost@169.254.169.254",
    ],
)
def test_other_schemes_and_addresses_with_more_than_a_host_are_refused_with_a_hint(url: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        checked_base_url(url)
    assert caught.value.hint


@pytest.mark.parametrize("rest", ["", "/\x00", ":port", "/?a=b"])
def test_a_password_is_never_repeated(rest: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        checked_base_url(f"http://me:{SECRET}@host{rest}")
    assert SECRET not in caught.value.message + caught.value.hint
    assert SECRET not in without_userinfo(f"http://me:{SECRET}@host/p?k={SECRET}")


def test_a_name_that_first_leads_to_a_server_and_then_to_metadata_reaches_only_the_server() -> None:
    answers = iter(["127.0.0.1", "169.254.169.254"])
    with StandIn() as ollama, client_for("rebound.example", ollama, lambda *_: [next(answers)]) as client:
        assert client.get("/api/version", headers={"connection": "close"}).status_code == 200
        with pytest.raises(httpcore.ConnectError, match=r"169\.254\.169\.254, and no model is asked there"):
            client.get("/api/version")
        assert len(ollama.requests) == 1


def test_a_name_with_one_refused_address_among_its_addresses_is_not_connected_to() -> None:
    with StandIn() as ollama, client_for("two.example", ollama, lambda *_: ["fe80::1%eth0", "127.0.0.1"]) as client:
        with pytest.raises(httpcore.ConnectError, match="link-local"):
            client.get("/")
        assert ollama.requests == ()


def test_the_second_address_of_a_name_is_tried_when_nobody_listens_on_the_first() -> None:
    with StandIn() as ollama, client_for("both.example", ollama, lambda *_: ["::1", "127.0.0.1"]) as client:
        assert client.get("/api/version").json() == {"version": "0.24.0"}


def test_an_unknown_name_is_a_failed_connection() -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise OSError("no such name")

    with StandIn() as ollama, client_for("nowhere.example", ollama, unknown) as client:
        with pytest.raises(httpcore.ConnectError, match="not known"):
            client.get("/")


def test_proxies_and_keys_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with StandIn() as ollama, client_for("127.0.0.1", ollama, resolve) as client:
        assert client.get("/").text == "Ollama is running"
        assert ollama.requests[0].headers["accept-encoding"] == "identity"


def test_a_watch_ends_when_its_time_is_over_by_its_own_clock() -> None:
    now = [0.0]
    watch = Watch(5, clock=lambda: now[0])
    with watching(watch):
        now[0] = 4.0
        assert watch.look() == 1.0
        now[0] = 5.0
        with pytest.raises(httpcore.ReadTimeout, match="5 s"):
            watch.look()
