"""Variables are read from the environment, which overrides `.env`; each one that is invalid is a problem."""

import os
from pathlib import Path

import pytest

from todo_project.allowances import Rate
from todo_project.env import Env
from todo_project.origins import SHELLS, WEB

pytestmark = pytest.mark.usefixtures("empty_environment")


@pytest.fixture
def env(tmp_path: Path) -> Env:
    """Reads the environment without a `.env` file."""
    return Env(tmp_path / ".env")


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("", ["the default"]),
        ("  ", ["the default"]),
        ("a", ["a"]),
        ("a,b", ["a", "b"]),
        (" a , b ,, ", ["a", "b"]),
        ('["a", "b"]', ["a", "b"]),
        (' [ "a" , " b ", "" ] ', ["a", "b"]),
        ("[]", []),
    ],
)
def test_a_comma_list_and_a_json_list_are_read_alike(env: Env, text: str, items: list[str]) -> None:
    os.environ["HOSTS"] = text

    assert env.list("HOSTS", ["the default"]) == items
    assert not env.problems


@pytest.mark.parametrize("text", ["[", '["a"', "[1]", '["a", null]', '[["a"]]', "[a, b]"])
def test_a_broken_json_list_is_a_problem(env: Env, text: str) -> None:
    os.environ["HOSTS"] = text

    assert env.list("HOSTS", ["the default"]) == ["the default"]
    assert env.problems == ['HOSTS is not a JSON list of strings. Write HOSTS=a,b or HOSTS=["a", "b"].']


@pytest.mark.parametrize(
    ("text", "rate"), [("", None), ("600/min", Rate(600, 60)), ("1/s", Rate(1, 1)), ("5/h", Rate(5, 3600))]
)
def test_a_rate_is_a_number_and_a_period(env: Env, text: str, rate: Rate | None) -> None:
    os.environ["RATE"] = text

    assert env.rate("RATE") == rate
    assert not env.problems


@pytest.mark.parametrize("text", ["600", "0/s", "-1/s", "1/day", "1.5/s", "x/min", "12345678/s"])
def test_any_other_rate_is_a_problem(env: Env, text: str) -> None:
    os.environ["RATE"] = text

    assert env.rate("RATE") is None
    assert env.problems == [f"RATE is {text!r}. Set it to a number and a period (s, min, h), such as 600/min."]


@pytest.mark.parametrize("text", ["true", "True", "TRUE", "1", "yes", "on", " on "])
def test_true_is_read_in_every_usual_spelling(env: Env, text: str) -> None:
    os.environ["SWITCH"] = text

    assert env.bool("SWITCH", default=False) is True


@pytest.mark.parametrize("text", ["false", "False", "0", "no", "off"])
def test_false_is_read_in_every_usual_spelling(env: Env, text: str) -> None:
    os.environ["SWITCH"] = text

    assert env.bool("SWITCH", default=True) is False


@pytest.mark.parametrize("default", [True, False])
def test_an_empty_boolean_is_the_default(env: Env, default: bool) -> None:
    os.environ["SWITCH"] = ""

    assert env.bool("SWITCH", default=default) is default
    assert not env.problems


def test_any_other_boolean_is_a_problem(env: Env) -> None:
    os.environ["SWITCH"] = "maybe"

    assert env.bool("SWITCH", default=True) is True
    assert env.problems == ["SWITCH is 'maybe', which is neither true nor false. Set SWITCH=true or SWITCH=false."]


@pytest.mark.parametrize("number", [1, 8000, 65_535])
def test_a_whole_number_within_its_limits_is_read(env: Env, number: int) -> None:
    os.environ["PORT"] = f" {number} "

    assert env.int("PORT", 80, minimum=1, maximum=65_535) == number
    assert not env.problems


@pytest.mark.parametrize("text", ["0", "65536", "-1", "8.0", "8_000", "0x50", "²", "٣", "eighty", "9" * 5000])
def test_any_other_number_is_a_problem(env: Env, text: str) -> None:
    os.environ["PORT"] = text

    assert env.int("PORT", 80, minimum=1, maximum=65_535) == 80
    assert env.problems == [f"PORT is {text!r}. Set it to a whole number from 1 to 65535."]


def test_a_choice_outside_its_list_is_a_problem(env: Env) -> None:
    os.environ["ALGORITHM"] = "none"

    assert env.choice("ALGORITHM", ["HS256", "HS512"], "HS256") == "HS256"
    assert env.problems == ["ALGORITHM is 'none'. Set it to one of HS256, HS512."]


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("api.example.com", ["api.example.com"]),
        ("https://api.example.com/", ["api.example.com"]),
        ("http://localhost:8000", ["localhost"]),
        ("API.example.com:443", ["api.example.com"]),
        ('"api.example.com"', ["api.example.com"]),
        ("'a.example','b.example'", ["a.example", "b.example"]),
        ("a.example b.example\nc.example", ["a.example", "b.example", "c.example"]),
        (".example.com", [".example.com"]),
        ("*", ["*"]),
        ("::1", ["[::1]"]),
        ("[::1]:8000", ["[::1]"]),
        ("10.0.0.7", ["10.0.0.7"]),
        ("xn--mller-kva.example", ["xn--mller-kva.example"]),
    ],
)
def test_a_host_name_is_taken_out_of_what_stands_around_it(env: Env, text: str, hosts: list[str]) -> None:
    os.environ["HOSTS"] = text

    assert env.hosts("HOSTS", []) == hosts
    assert not env.problems


@pytest.mark.parametrize(
    "text",
    [
        "https://api.example.com/path",
        "*.example.com",
        "müller.example",
        "a_b/c",
        "user@example.com",
        "ssh://x:y:z",
        "https://",
        "-a",
        ".",
    ],
)
def test_what_is_no_host_name_is_a_problem(env: Env, text: str) -> None:
    os.environ["HOSTS"] = text

    env.hosts("HOSTS", [])

    assert len(env.problems) == 1
    assert env.problems[0].startswith("HOSTS contains ")
    assert "which is not a host name" in env.problems[0]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("", "127.0.0.1"),
        ("0.0.0.0", "0.0.0.0"),
        ("::", "[::]"),
        ("[::]", "[::]"),
        ("::1", "[::1]"),
        ("localhost", "localhost"),
    ],
)
def test_an_address_to_listen_on_has_brackets_if_it_is_ipv6(env: Env, text: str, address: str) -> None:
    os.environ["HOST"] = text

    assert env.address("HOST", "127.0.0.1") == address
    assert not env.problems


@pytest.mark.parametrize(
    "text", ["0.0.0.0:8000", "x86_64-conda-linux-gnu", "http://localhost", "no-such-host.invalid", "*", "ü" * 99]
)
def test_what_is_no_address_of_this_machine_is_a_problem(env: Env, text: str) -> None:
    os.environ["HOST"] = text

    assert env.address("HOST", "127.0.0.1") == "127.0.0.1"
    assert len(env.problems) == 1
    assert "which is not an address of this machine. Set HOST=127.0.0.1" in env.problems[0]


@pytest.mark.parametrize(
    ("text", "networks"),
    [
        ("", ["10.0.0.0/8"]),
        ("192.0.2.0/24, fd00::/8", ["192.0.2.0/24", "fd00::/8"]),
        ("192.0.2.7,::1", ["192.0.2.7/32", "::1/128"]),
        ('["192.0.2.0/24"]', ["192.0.2.0/24"]),
        ("[]", []),
    ],
)
def test_a_network_can_be_a_single_address(env: Env, text: str, networks: list[str]) -> None:
    os.environ["PROXIES"] = text

    assert [str(network) for network in env.networks("PROXIES", ["10.0.0.0/8"])] == networks
    assert not env.problems


@pytest.mark.parametrize("text", ["proxy", "10.0.0.7/8", "10.0.0.0/33", "10.0.0.0:80", "*"])
def test_what_is_no_network_is_a_problem(env: Env, text: str) -> None:
    os.environ["PROXIES"] = text

    env.networks("PROXIES", [])

    assert env.problems == [
        f"PROXIES contains {text!r}, which is not a network. List networks such as 10.0.0.0/8 (and not 10.0.0.7/8) or "
        "fd00::/8, and addresses like 10.0.0.7."
    ]


@pytest.mark.parametrize(
    ("text", "path"), [("", "api"), ("/", ""), ("/api/", "api"), ("v1/todo", "v1/todo"), ("/a.b~c_d-e", "a.b~c_d-e")]
)
def test_a_path_is_read_without_the_slashes_around_it(env: Env, text: str, path: str) -> None:
    os.environ["PREFIX"] = text

    assert env.path("PREFIX", "/api", reserved=["admin"]) == path
    assert not env.problems


@pytest.mark.parametrize("text", ["https://a.example/api", "a b", "a//b", "<int:id>", "a?b", "ä", "admin", "/admin/x"])
def test_what_is_no_path_of_the_api_is_a_problem(env: Env, text: str) -> None:
    os.environ["PREFIX"] = text

    assert env.path("PREFIX", "/api", reserved=["admin"]) == "api"
    assert len(env.problems) == 1
    assert "which is not a path that the API can have" in env.problems[0]


@pytest.mark.parametrize(
    "origin",
    [
        "http://localhost:3000",
        "https://app.example.com",
        "https://[::1]:8443",
        "http://127.0.0.1",
        "https://xn--mller-kva.example",
        "http://localhost:443",
    ],
)
def test_an_origin_may_end_with_a_slash(env: Env, origin: str) -> None:
    os.environ["ORIGINS"] = f"{origin},{origin}/"

    assert env.origins("ORIGINS") == [origin, origin]
    assert not env.problems


EXTENSION = "chrome-extension://nmmhkkegccagdldgiimedpiccmgmieda"


@pytest.mark.parametrize(
    "origin",
    [
        EXTENSION,
        "moz-extension://9e2c2a0f-60a9-4b5b-8f5e-9a0f2a9e6b10",
        "safari-web-extension://9E2C2A0F-60A9-4B5B-8F5E-9A0F2A9E6B10",
        "capacitor://localhost",
        "ionic://localhost",
        "tauri://localhost",
        "app://obsidian.md",
    ],
)
def test_the_origin_of_an_extension_or_of_a_native_shell_is_one_where_it_is_allowed(env: Env, origin: str) -> None:
    os.environ["ORIGINS"] = origin

    assert env.origins("ORIGINS", schemes=WEB | SHELLS) == [origin]
    assert not env.problems
    env.origins("ORIGINS")
    assert len(env.problems) == 1


@pytest.mark.parametrize(
    "text",
    [
        "*",
        "https://*.example.com",
        "app.example.com",
        "https://app.example.com/path",
        "https://app.example.com//",
        "https://app.example.com?query",
        "https://user@app.example.com",
        "https://App.example.com",
        "HTTPS://app.example.com",
        "ftp://app.example.com",
        "https://app.example.com:443",
        "http://app.example.com:80",
        "https://app.example.com:port",
        "https://app.example.com:99999",
        "https://app.example.com:08443",
        "https://müller.example",
        "https://app.example.com app.example.org",
        "https://[app.example.com",
        "https://[::0:1]",
        "https://[::x]",
        "https://[:::]",
        "https://",
        "null",
        "file://localhost",
        "capacitor://localhost/path",
        "capacitor://localhost:80",
        f"{EXTENSION}/page.html",
    ],
)
def test_an_origin_that_no_browser_sends_is_a_problem(env: Env, text: str) -> None:
    os.environ["ORIGINS"] = text

    env.origins("ORIGINS", schemes=WEB | SHELLS)

    assert len(env.problems) == 1
    assert env.problems[0].startswith("ORIGINS contains ")
    assert "which is not an origin" in env.problems[0]


@pytest.mark.parametrize(("text", "value"), [(" a secret\n", " a secret\n"), ("x", "x"), (" \n", ""), ("", "")])
def test_a_secret_keeps_its_white_space_as_in_better_auth(env: Env, text: str, value: str) -> None:
    os.environ["SECRET"] = text

    assert env.verbatim("SECRET") == value


def test_versioned_secrets_are_trimmed_as_in_better_auth(env: Env) -> None:
    os.environ["SECRETS"] = " 2: new secret , 1 : old"

    assert env.versioned_secrets("SECRETS") == {"2": "new secret", "1": "old"}


def test_the_environment_overrides_the_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("IN_BOTH=file\nEMPTY=file\nIN_THE_FILE=file\n")
    os.environ.update(IN_BOTH="environment", EMPTY="")

    env = Env(tmp_path / ".env")

    assert env.str("IN_BOTH") == "environment"
    assert env.str("EMPTY", "the default") == "the default"
    assert env.str("IN_THE_FILE") == "file"
    assert env.str("IN_NEITHER", "the default") == "the default"
