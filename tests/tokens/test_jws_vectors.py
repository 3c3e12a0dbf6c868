"""Every class of invalid token that the public Wycheproof vectors for JWS know is refused; each is made afresh here."""

import base64
import json
from collections.abc import Callable

import pytest
from pytest_django.fixtures import Settings

from tests.support.people import Person
from tests.support.tokens import (
    ALGORITHMS,
    JSON,
    answer_to,
    assert_login,
    assert_refused,
    by_secret,
    key,
    mac_of,
    octets,
    part,
    plugin,
    share_database,
)

pytestmark = pytest.mark.django_db

type Change = Callable[[str, str, str], str]

GENUINE: dict[str, Callable[[], str]] = {
    "HS256": lambda: by_secret(plugin()),
    **{algorithm: key(algorithm).token for algorithm in ALGORITHMS},
}


@pytest.fixture(autouse=True)
def keys(settings: Settings) -> None:
    """A key of each algorithm is published."""
    share_database(settings)
    for algorithm in ALGORITHMS:
        key(algorithm).write()


def refuse(token: str) -> None:
    """The token, sent as it is, is an invalid one."""
    assert_refused(Person("ada", token).get("/api/me"))


@pytest.mark.parametrize("algorithm", GENUINE)
def test_the_genuine_token_is_accepted(algorithm: str) -> None:
    assert_login(answer_to(GENUINE[algorithm]()))


def other(text: str) -> str:
    """Another text of the same length: its first character is changed."""
    return ("B" if text[0] == "A" else "A") + text[1:]


# Missing, modified and added parts
CHANGES: dict[str, Change] = {
    "signature modified": lambda head, payload, mac: f"{head}.{payload}.{other(mac)}",
    "signature missing": lambda head, payload, mac: f"{head}.{payload}.",
    "signature and its dot missing": lambda head, payload, mac: f"{head}.{payload}",
    "payload modified": lambda head, payload, mac: f"{head}.{part(plugin(sub='eve'))}.{mac}",
    "payload missing (detached)": lambda head, payload, mac: f"{head}..{mac}",
    "payload and its dot missing": lambda head, payload, mac: f"{head}.{mac}",
    "header modified": lambda head, payload, mac: f"{part({**json.loads(octets(head)), 'typ': 'JWT'})}.{payload}.{mac}",
    "header missing": lambda head, payload, mac: f".{payload}.{mac}",
    "header and its dot missing": lambda head, payload, mac: f"{payload}.{mac}",
    "header and signature missing": lambda head, payload, mac: f".{payload}.",
    "payload alone": lambda head, payload, mac: payload,
    "dots alone": lambda head, payload, mac: "..",
    "an empty part after": lambda head, payload, mac: f"{head}.{payload}.{mac}.",
    "an empty part before": lambda head, payload, mac: f".{head}.{payload}.{mac}",
    "a fourth part": lambda head, payload, mac: f"{head}.{payload}.{mac}.{mac}",
    "five parts, as a JWE": lambda head, payload, mac: f"{head}.{payload}.{mac}.{payload}.{mac}",
    "parts in another order": lambda head, payload, mac: f"{payload}.{head}.{mac}",
    "other separators": lambda head, payload, mac: f"{head}:{payload}:{mac}",
    "JSON serialization, flattened": lambda head, payload, mac: json.dumps(
        {"protected": head, "payload": payload, "signature": mac}, separators=(",", ":")
    ),
    "JSON serialization, general": lambda head, payload, mac: json.dumps(
        {"payload": payload, "signatures": [{"protected": head, "signature": mac}]}, separators=(",", ":")
    ),
    "JSON serialization in base64url": lambda head, payload, mac: part(
        {"protected": head, "payload": payload, "signature": mac}
    ),
    "alg none, no signature": lambda head, payload, mac: f"{part({'alg': 'none'})}.{payload}.",
    "alg none, a signature": lambda head, payload, mac: f"{part({'alg': 'none'})}.{payload}.{mac}",
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("algorithm", GENUINE)
def test_a_token_with_a_part_modified_missing_or_added_is_refused(algorithm: str, change: Change) -> None:
    refuse(change(*GENUINE[algorithm]().split(".")))


# base64url has one spelling
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def spare_bits(text: str) -> str:
    """The same bytes in a spelling whose last character has a bit set that belongs to no byte."""
    assert len(text) % 4
    return text[:-1] + ALPHABET[ALPHABET.index(text[-1]) + 1]


SPELLINGS: dict[str, Callable[[str], str]] = {
    "padded": lambda text: text + "=" * (-len(text) % 4 or 4),
    "padded once": lambda text: text + "=",
    "percent-encoded padding": lambda text: text + "%3D",
    "a space inside": lambda text: f"{text[:5]} {text[5:]}",
    "a tab inside": lambda text: f"{text[:5]}\t{text[5:]}",
    "a line break inside": lambda text: f"{text[:5]}\n{text[5:]}",
    "a character of no alphabet": lambda text: f"{text[:5]}!{text[5:]}",
    "a character of no alphabet instead": lambda text: f"{text[:5]}${text[6:]}",
    "a comma": lambda text: f"{text[:5]},{text[5:]}",
    "a character beyond ASCII": lambda text: f"{text[:5]}\xb5{text[5:]}",
    "NUL": lambda text: f"{text[:5]}\0{text[5:]}",
    "one character too many": lambda text: text + "A" * (-len(text) % 4 + 1),
    "the standard alphabet": lambda text: base64.b64encode(octets(text) + b"\xfb\xff\xbf").decode().rstrip("="),
    "spare bits": spare_bits,
}


def with_spare_bits() -> str:
    """A token whose parts all end in spare bits."""
    header: JSON = {"alg": "HS256"}
    while len(part(header)) % 4 == 0:
        header = {**header, "x": header.get("x", "") + "a"}
    claims = plugin(x="")
    while len(part(claims)) % 4 == 0:
        claims = {**claims, "x": claims["x"] + "a"}
    return by_secret(claims, header=header)


@pytest.mark.parametrize("spell", SPELLINGS.values(), ids=SPELLINGS)
@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("is_signed_so", [False, True])
def test_another_spelling_of_base64url_is_refused(place: int, spell: Callable[[str], str], is_signed_so: bool) -> None:
    parts = with_spare_bits().split(".")
    parts[place] = spell(parts[place])
    if is_signed_so and place < 2:
        parts[2] = mac_of(f"{parts[0]}.{parts[1]}")

    answer = answer_to(".".join(parts))
    assert_refused(answer)
    assert answer.json["detail"] in {"The token is malformed.", "The Authorization header must be: Bearer <token>."}
