"""RFC 8725, JSON Web Token Best Current Practices: section 3, recommendation by recommendation."""

from collections.abc import Callable, Iterator

import pytest
from pytest_django.fixtures import Settings

from accounts.models import User
from accounts.tokens import jwks
from accounts.tokens.jwk import keys_by_kid, verification_keys
from accounts.tokens.jwt import PUBLIC_KEY_ALGORITHMS, SHARED_SECRET_ALGORITHMS, current_secret_key
from tests.support.environment import SECRET
from tests.support.key_server import KeyServer, running
from tests.support.tokens import (
    ALGORITHMS,
    ORIGIN,
    answer_to,
    assert_login,
    assert_refused,
    by_secret,
    key,
    mac_of,
    minted,
    part,
    plugin,
    session_cache,
    share_database,
)
from todo_project import settings as project_settings

pytestmark = pytest.mark.django_db

SESSION_CACHE = "better-auth.session-cache+jwt"


@pytest.fixture(autouse=True)
def shared(settings: Settings) -> None:
    """A key of each algorithm is published, and Ada is there."""
    share_database(settings)
    for algorithm in ALGORITHMS:
        key(algorithm).write()


REFUSED: dict[str, Callable[[], str]] = {
    "3.1 the caller says which algorithms are supported: another is not used": lambda: by_secret(
        plugin(), header={"alg": "HS384"}, digest="sha384"
    ),
    "3.1 each key is used with exactly one algorithm": lambda: key("RS256").token(kid=key("PS256").kid, alg="RS256"),
    "3.1 and that is checked at the cryptographic operation": lambda: key("RS256").token(alg="PS256"),
    "3.1 the alg of the token and that of the operation are the same": lambda: by_secret(
        plugin(), header={"alg": "EdDSA", "kid": key("EdDSA").kid}
    ),
    "3.2 none is not accepted": lambda: f"{part({'alg': 'none'})}.{part(plugin())}.",
    "3.2 in no spelling": lambda: f"{part({'alg': 'nOnE'})}.{part(plugin())}.{part(b'x')}",
    "3.2 an algorithm that is not current is not accepted": lambda: by_secret(plugin(), header={"alg": "HS1"}),
    "3.3 every operation is validated: the outer signature": lambda: by_secret(plugin(), secret="x" * 40),
    "3.3 the inner one, of a nested JWT, too: there is none here": lambda: by_secret(
        key("EdDSA").token().encode(), header={"alg": "HS256", "cty": "JWT"}
    ),
    "3.4 a point that comes with the token is no input": lambda: key("ES256").token(
        epk=key("ES256").public, kid=key("ES512").kid
    ),
    "3.6 what was compressed is not opened": lambda: by_secret(plugin(), header={"alg": "HS256", "zip": "DEF"}),
    "3.7 JSON is UTF-8: the header is not UTF-16": lambda: by_secret(
        plugin(), header='{"alg":"HS256"}'.encode("utf-16")
    ),
    "3.7 nor are the claims": lambda: by_secret('{"sub":"ada","exp":99999999999}'.encode("utf-16-be")),
    "3.7 nor UTF-32": lambda: by_secret('{"sub":"ada","exp":99999999999}'.encode("utf-32")),
    "3.8 the issuer is the one that the key belongs to": lambda: key("EdDSA").token(plugin(iss="https://evil.example")),
    "3.8 a token by key has one": lambda: key("EdDSA").token(plugin(iss=...)),
    "3.8 the subject is somebody": lambda: key("EdDSA").token(plugin(sub="eve")),
    "3.8 and is there": lambda: key("EdDSA").token(plugin(sub=...)),
    "3.9 the audience is this service": lambda: key("EdDSA").token(plugin(aud="https://other.example")),
    "3.9 and is there": lambda: key("EdDSA").token(plugin(aud=...)),
    "3.9 under the secret too, where it is there": lambda: by_secret(minted(aud="https://other.example")),
    "3.10 kid is no path": lambda: key("EdDSA").token(kid="../../dev/null"),
    "3.10 kid is no SQL": lambda: key("EdDSA").token(kid="x' UNION SELECT 'AA' --"),
    "3.10 x5u is not followed": lambda: key("EdDSA").token(x5u="https://evil.example"),
    "3.10 a key that the token brings is not used": lambda: key("EdDSA", "own").token(
        jwk=key("EdDSA", "own").published
    ),
    "3.10 nor is a certificate": lambda: key("RS256").token(x5c=["MIIB"]),
    "3.11 another type is another thing": lambda: key("EdDSA").token(typ=SESSION_CACHE),
    "3.11 so is an access token": lambda: key("EdDSA").token(typ="at+jwt"),
    "3.11 with its long name too": lambda: key("EdDSA").token(typ="application/at+jwt"),
    "3.12 kinds of tokens exclude each other: a session cache by key": lambda: key("EdDSA").token(
        session_cache(iss=ORIGIN, aud="better-auth:session-cache"), typ=SESSION_CACHE
    ),
    "3.12 an email verification": lambda: by_secret(minted(sub=..., email="ada@example.com", userId="ada")),
    "3.12 a change of email": lambda: by_secret(minted(requestType="change-email-verification")),
    "3.12 the claims of one kind under the key of another": lambda: key("EdDSA").token(minted()),
    "3.12 a session cache of two people": lambda: by_secret(session_cache(user={"id": "eve"})),
}


@pytest.mark.parametrize("make", REFUSED.values(), ids=REFUSED)
def test_what_the_section_warns_of_is_refused(make: Callable[[], str]) -> None:
    User.objects.create(id="bob", name="Bob", email="bob@example.com", email_verified=True)

    assert_refused(answer_to(make()))


def test_3_1_a_key_verifies_by_one_algorithm() -> None:
    keys = keys_by_kid(jwks.from_table())

    assert {kid: [backend.algorithm for backend in backends] for kid, backends in keys.items()} == {
        key(algorithm).kid: [algorithm] for algorithm in ALGORITHMS
    }
    assert current_secret_key().algorithm == "HS256"


def test_3_2_the_algorithms_are_current_ones_and_no_rsa_encryption_is_among_them() -> None:
    assert SHARED_SECRET_ALGORITHMS == ("HS256", "HS384", "HS512")
    assert PUBLIC_KEY_ALGORITHMS == ("EdDSA", "ES256", "ES512", "RS256", "PS256")


def test_3_4_points_beside_the_curve_and_weak_ones_are_not_keys() -> None:
    beside = {**key("ES256").published, "y": key("ES256").published["x"]}
    weak = {**key("EdDSA").published, "x": part((1).to_bytes(32, "little"))}

    assert verification_keys(beside) == verification_keys(weak) == []


@pytest.mark.parametrize("weak", ["", "password", "x" * 31, "better-auth-secret-12345678901234567890"])
def test_3_5_a_secret_that_users_can_guess_stops_the_start(weak: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(project_settings.env, "problems", [])

    project_settings.check_secret("BETTER_AUTH_SECRET", weak, shortest=32, remedy="Make one.")

    assert len(project_settings.env.problems) == 1


def test_3_5_a_secret_is_taken_as_it_is_and_not_shortened() -> None:
    for shorter in (SECRET[:-1], SECRET[:64], SECRET[:32], SECRET.upper()):
        assert_refused(answer_to(by_secret(plugin(), secret=shorter)))


def test_3_7_claims_beyond_ascii_are_utf_8() -> None:
    User.objects.create(id="zoë-😀", name="Zoë", email="zoe@example.com", email_verified=True)

    assert_login(answer_to(by_secret('{"sub":"zoë-😀","exp":99999999999}'.encode())), "zoë-😀")


@pytest.fixture
def evil() -> Iterator[KeyServer]:
    """A server of somebody else's, with their key."""
    with running() as server:
        server.publish(key("EdDSA", "own"))
        yield server


@pytest.mark.parametrize("name", ["jku", "x5u", "iss", "kid"])
def test_3_10_no_url_in_a_token_is_visited(name: str, evil: KeyServer) -> None:
    assert_refused(answer_to(key("EdDSA", "own").token(plugin(iss=evil.url), **{name: evil.url})))
    assert_refused(answer_to(by_secret(plugin(), header={"alg": "HS256", name: evil.url}, secret="x" * 40)))

    assert evil.requests == 0


def test_3_12_a_token_by_key_and_one_under_the_secret_have_no_key_in_common() -> None:
    signed = key("EdDSA").token().rpartition(".")[0]

    assert_refused(answer_to(f"{signed}.{mac_of(signed)}"))
    assert_refused(answer_to(key("EdDSA").token(alg="HS256")))
