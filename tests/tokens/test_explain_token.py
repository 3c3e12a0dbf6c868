"""`manage.py explain_token` says of every token what a request with it would be answered, and what to change where."""

import base64
import io
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import Jwk, Session, User
from accounts.tokens.diagnose import explain
from accounts.tokens.jwks import key_set
from accounts.tokens.sessions import signature
from tests.support.better_auth_tables import MADE_BY_TOOLS
from tests.support.environment import SECRET
from tests.support.people import Person, token_of
from tests.support.tokens import answer_to, assert_refused

ISSUER = "https://app.example.com"
RAW = "a1B2c3D4" * 4
HOUR = timedelta(hours=1)
KEY = Ed25519PrivateKey.generate()


def told(token: str) -> str:
    """What the command prints, of accepted and refused tokens alike."""
    printed = io.StringIO()
    try:
        call_command("explain_token", token, stdout=printed)
    except CommandError as error:
        printed.write(str(error))
    return printed.getvalue()


@pytest.fixture
def shared(db: None, settings: Settings) -> None:
    """Better Auth's rows lie here: Ada, her session, and a key."""
    settings.BETTER_AUTH_SHARED_DATABASE = True
    settings.BETTER_AUTH_ISSUER = settings.BETTER_AUTH_AUDIENCE = [ISSUER]
    settings.BETTER_AUTH_KEYS = "table"
    key_set.cache_clear()
    ada = User.objects.create(id="ada", name="Ada", email="ada@example.com", email_verified=True)
    now = timezone.now()
    Session.objects.create(id="s1", token=RAW, user=ada, expires_at=now + HOUR, updated_at=now)
    x = base64.urlsafe_b64encode(KEY.public_key().public_bytes_raw()).rstrip(b"=").decode()
    public_key = json.dumps({"kty": "OKP", "crv": "Ed25519", "x": x})
    Jwk.objects.create(id="k1", public_key=public_key, private_key="-", created_at=now, alg="EdDSA")


def by_key(**claims: Any) -> str:
    """A token of the jwt plugin."""
    exp = int((timezone.now() + HOUR).timestamp())
    said = {"sub": "ada", "iss": ISSUER, "aud": ISSUER, "exp": exp, **claims}
    return jwt.encode(said, KEY, "EdDSA", {"kid": claims.get("kid", "k1")})


TOKENS: dict[str, Callable[[], str]] = {
    "minted": lambda: token_of("ada"),
    "minted with sid": lambda: token_of("ada", sid="s1"),
    "another sid": lambda: token_of("ada", sid="s2"),
    "nobody": lambda: token_of("eve"),
    "another secret": lambda: token_of("ada", secret="x" * 40),
    "another algorithm": lambda: token_of("ada", algorithm="HS512"),
    "foreign issuer": lambda: token_of("ada", iss="https://evil.example"),
    "expired": lambda: token_of("ada", exp=1, iat=0),
    "no moment": lambda: token_of("ada", exp="soon"),
    "verification link": lambda: jwt.encode({"email": "ada@example.com", "exp": 99999999999}, SECRET, "HS256"),
    "by key": by_key,
    "by another key": lambda: by_key(kid="k2"),
    "by key for others": lambda: by_key(aud="https://other.example"),
    "by key with HS kid": lambda: token_of("ada", kid="k1"),
    "tampered": lambda: by_key()[:-8] + "AAAAAAAA",
    "signed session": lambda: f"{RAW}.{signature(RAW, SECRET)}",
    "signed by another": lambda: f"{RAW}.{signature(RAW, 'x' * 40)}",
    "raw session": lambda: RAW,
    "compact": lambda: base64.urlsafe_b64encode(b'{"session":{},"expiresAt":1,"signature":"x"}').decode().rstrip("="),
    "encrypted": lambda: "a.b.c.d.e",
    "crit": lambda: jwt.encode({"sub": "ada"}, SECRET, "HS256", {"crit": ["x"]}),
    "nonsense": lambda: "nonsense",
    "undefined": lambda: "undefined",
    "base64 of no object": lambda: "W10",
}


@pytest.mark.usefixtures("shared")
@pytest.mark.parametrize("name", TOKENS)
def test_the_verdict_is_that_of_a_request(name: str) -> None:
    token = TOKENS[name]()

    status = Person("ada", token).get("/api/me").status

    assert explain(token).is_accepted == (status == 200)


@pytest.mark.django_db
@pytest.mark.parametrize("name", TOKENS)
def test_the_verdict_is_that_of_a_request_with_the_database_apart_too(name: str) -> None:
    token = TOKENS[name]()

    status = Person("ada", token).get("/api/me").status

    assert explain(token).is_accepted == (status == 200)


@pytest.mark.usefixtures("shared")
@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("minted", "Accepted."),
        (
            "another secret",
            "Give BETTER_AUTH_SECRET (or BETTER_AUTH_SECRETS) the value that your Better Auth server has.",
        ),
        ("another algorithm", "Set JWT_ALGORITHM=HS512."),
        ("foreign issuer", "It is 'https://evil.example', expected https://app.example.com: set BETTER_AUTH_ISSUER"),
        (
            "by key for others",
            "It is 'https://other.example', expected https://app.example.com: set BETTER_AUTH_AUDIENCE",
        ),
        ("by another key", "The key 'k2' is not among the 1 of the jwks table."),
        ("expired", "The token has expired."),
        ("another sid", "The token's session has ended."),
        ("verification link", "The token names no user (sub)."),
        ("raw session", "Set BETTER_AUTH_RAW_SESSION_TOKENS=true"),
        ("compact", 'Set session.cookieCache.strategy to "jwt" in Better Auth'),
        ("encrypted", 'Set session.cookieCache.strategy to "jwt" in Better Auth'),
        ("crit", "The token's header has crit, which is not accepted."),
        ("nonsense", "Send what Better Auth issued, complete"),
        ("undefined", "The app had no token to send"),
    ],
)
def test_it_says_what_to_change_where(name: str, sentence: str) -> None:
    assert sentence in told(TOKENS[name]())


@pytest.mark.django_db
def test_the_remedy_for_a_frontend_that_signs_with_keys_is_to_set_the_url() -> None:
    assert f"Your frontend signs with EdDSA: set BETTER_AUTH_URL={ISSUER}." in told(by_key())


@pytest.mark.django_db
def test_the_remedy_for_a_session_token_is_to_share_the_database() -> None:
    assert "Set BETTER_AUTH_SHARED_DATABASE=true" in told(TOKENS["signed session"]())


@pytest.mark.usefixtures("shared")
def test_a_key_that_cannot_be_used_is_not_among_the_keys() -> None:
    Jwk.objects.update(public_key=json.dumps({"kty": "oct"}))

    assert "is not among the 0 of" in told(by_key())


@pytest.mark.usefixtures("shared")
def test_a_key_of_another_algorithm_is_named() -> None:
    another = jwt.encode({"sub": "ada"}, ec.generate_private_key(ec.SECP256R1()), "ES256", {"kid": "k1"})

    assert "The token says ES256, but the key is for EdDSA." in told(another)


@pytest.mark.usefixtures("shared")
@pytest.mark.parametrize("name", TOKENS)
def test_it_prints_no_secret(name: str) -> None:
    session = {"token": RAW, "userId": "ada", "expiresAt": "2999-01-01T00:00:00Z"}
    cache = jwt.encode({"session": session, "user": {"id": "ada"}, "exp": 99999999999}, SECRET, "HS256")

    for token in (TOKENS[name](), cache):
        printed = told(token)
        assert SECRET not in printed
        assert RAW not in printed


def test_it_works_while_database_and_keys_are_away(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.BETTER_AUTH_SHARED_DATABASE = True
    settings.BETTER_AUTH_ISSUER = settings.BETTER_AUTH_AUDIENCE = [ISSUER]
    settings.BETTER_AUTH_KEYS = "table"
    key_set.cache_clear()

    def away(*args: object, **kwargs: object) -> None:
        raise OperationalError("away")

    monkeypatch.setattr("accounts.users.caller_of_user", away)
    monkeypatch.setattr("accounts.tokens.jwks.Jwk.objects.values_list", away)
    monkeypatch.setattr("accounts.better_auth_tables.tables_in", away)

    assert "The database cannot be reached." in told(token_of("ada"))
    assert "The database cannot be reached." in told(by_key())


def test_a_token_is_read_from_stdin_with_or_without_bearer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"Bearer {token_of('ada')}\n"))

    assert told("-").rstrip().endswith("Accepted.")


@pytest.mark.usefixtures("shared")
@pytest.mark.parametrize("name", ["minted", "signed session"])
def test_a_token_signed_with_a_retired_secret_is_named(name: str, settings: Settings) -> None:
    token = TOKENS[name]()
    settings.BETTER_AUTH_SECRET = "the-new-secret-that-is-long-enough"
    settings.BETTER_AUTH_RETIRED_SECRETS = {"2": "another-secret-that-is-long-enough", "1": SECRET}

    explanation = explain(token)

    assert not explanation.is_accepted
    wrong = [finding.wrong for finding in explanation.findings if finding.wrong]
    assert wrong == ["It is signed with secret 1, which is retired."]
    assert_refused(answer_to(token))


@pytest.mark.usefixtures("shared")
@pytest.mark.parametrize("name", ["minted with sid", "signed session"])
def test_it_notices_that_no_session_has_a_row(name: str) -> None:
    Session.objects.update(id="s3", token="b" * 32)  # Somebody else's: this token's session has ended.
    assert "storeSessionInDatabase" not in told(TOKENS[name]())

    Session.objects.all().delete()

    said = told(TOKENS[name]())
    assert 'There are users in "user", but no session in "session".' in said
    assert "storeSessionInDatabase: true" in said


@pytest.mark.usefixtures("shared")
def test_a_ban_is_the_reason_whether_or_not_sessions_have_rows() -> None:
    Session.objects.all().delete()
    User.objects.update(banned=True)

    assert "The token's user is banned." in told(token_of("ada"))


@pytest.mark.usefixtures("shared")
def test_it_notices_that_the_users_are_in_other_tables() -> None:
    with connection.cursor() as cursor:
        cursor.execute(MADE_BY_TOOLS["Drizzle, plural"])
        cursor.execute("INSERT INTO users (id, name, email) VALUES ('eve', 'Eve', 'eve@example.com')")
    assert "BETTER_AUTH_SCHEMA" not in told(TOKENS["nobody"]())

    User.objects.all().delete()

    said = told(TOKENS["nobody"]())
    assert 'users are in "users", and "user" is empty.' in said
    assert "Set BETTER_AUTH_SCHEMA=snake_case-plural." in said
