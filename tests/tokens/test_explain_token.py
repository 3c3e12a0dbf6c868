"""`manage.py explain_token` says of every token what a request with it would be answered, and what to change where."""

import base64
import io
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
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
from tests.support.key_server import running
from tests.support.people import Person, token_of
from tests.support.tokens import answer_to, assert_refused, by_secret, session_cache

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


RESOURCE = "https://api.example.com"


def access_token(**claims: Any) -> str:
    """An OAuth access token for reading tasks."""
    exp = int((timezone.now() + HOUR).timestamp())
    said = {"sub": "ada", "iss": f"{ISSUER}/api/auth", "aud": [RESOURCE, f"{ISSUER}/api/auth/oauth2/userinfo"]}
    return jwt.encode(
        {**said, "exp": exp, "client_id": "cli", "scope": "tasks:read", **claims},
        KEY,
        "EdDSA",
        {"kid": "k1", "typ": "at+jwt"},
    )


TOKENS: dict[str, Callable[[], str]] = {
    "access token": access_token,
    "access token without a scope": lambda: access_token(scope="openid"),
    "access token of a client": lambda: access_token(sub="cli"),
    "ID token": lambda: by_key(at_hash="x"),
    "logout token": lambda: jwt.encode({"sub": "ada"}, KEY, "EdDSA", {"kid": "k1", "typ": "logout+jwt"}),
    "sub is a number": lambda: by_secret({"sub": 7, "exp": 99999999999}),
    "exp in milliseconds": lambda: token_of("ada", exp=4_000_000_000_000),
    "iat in milliseconds": lambda: token_of("ada", iat=4_000_000_000_000),
    "another version of the cache": lambda: by_secret(session_cache(version="9")),
    "API key": lambda: "todo_" + "aBcDeFgH" * 8,
    "no kid": lambda: jwt.encode({"sub": "ada"}, KEY, "EdDSA"),
    "too long for our parser": lambda: token_of("ada", name="x" * 13_000),
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


HEADERS = {
    "bearer": "Bearer {}",
    "lower case": "bearer {}",
    "more white space": "Bearer   {} ",
    "no scheme": "{}",
    "Basic": "Basic {}",
    "Token": "Token {}",
    "DPoP": "DPoP {}",
    "two tokens": "Bearer {} {}",
    "two headers": "Bearer {}, Bearer {}",
    "a comma": "Bearer {},",
    "only a scheme": "Bearer",
    "nothing": "",
}


def assert_same_verdict(token: str) -> None:
    """The command says what the server answers to a request for tasks."""
    assert explain(token).status == Person("ada", token).get("/api/ada/tasks").status


@pytest.mark.usefixtures("shared")
@pytest.mark.parametrize("name", TOKENS)
@pytest.mark.parametrize("resource", ["", RESOURCE])
def test_the_verdict_is_that_of_a_request(name: str, resource: str, settings: Settings) -> None:
    settings.BETTER_AUTH_RESOURCE = resource
    settings.BETTER_AUTH_OAUTH_ISSUER = [f"{ISSUER}/api/auth"]

    assert_same_verdict(TOKENS[name]())


@pytest.mark.django_db
@pytest.mark.parametrize("name", TOKENS)
def test_the_verdict_is_that_of_a_request_with_the_database_apart_too(name: str) -> None:
    token = TOKENS[name]()
    if name != "nobody":
        assert_same_verdict(token)
    assert explain(token).is_accepted == (Person("ada", token).get("/api/me").status == 200)


@pytest.mark.usefixtures("shared")
@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS)
def test_the_verdict_on_a_header_is_that_of_a_request(header: str) -> None:
    value = header.replace("{}", token_of("ada"))

    status = Person("ada").get("/api/me", authorization=value).status

    assert explain(f"Authorization: {value}").status == status
    assert explain(f"authorization:{value}").status == status


@pytest.mark.django_db
def test_the_verdict_without_any_key_is_503(settings: Settings) -> None:
    settings.BETTER_AUTH_ISSUER = settings.BETTER_AUTH_AUDIENCE = [ISSUER]
    with running() as server:
        server.send(b"", 500)
        settings.BETTER_AUTH_KEYS = server.url

        assert_same_verdict(by_key())
        assert explain(by_key()).status == 503


def test_a_header_that_the_server_does_not_read_is_named_with_its_length() -> None:
    assert "gunicorn" not in told("x" * 8166)
    assert "granian reads its 8191 bytes; many proxies read 8190" in told("x" * 8167)
    assert explain("x" * 8167).status == 401
    assert "It has 131096 bytes, and granian reads 65536" in told("x" * 131072)
    assert explain("x" * 131072).status == 431


PLAIN = "plain" * 8
# The secret here, the secret there, and the words that tell them apart.
SECRETS_THERE: dict[str, tuple[str, bytes, str]] = {
    "quotes there": (PLAIN, f'"{PLAIN}"'.encode(), "around it"),
    "quotes here": (f'"{PLAIN}"', PLAIN.encode(), "without quotes"),
    "a line break there": (PLAIN, f"{PLAIN}\n".encode(), "a line break after it"),
    "a space there": (PLAIN, f"{PLAIN} ".encode(), "a space after it"),
    "encoded there": (PLAIN, base64.b64encode(PLAIN.encode()), "encoded as base64"),
    "decoded there": (base64.b64encode(b"\xff" * 32).decode(), b"\xff" * 32, "decoded from base64"),
    "decoded there, base64url": (base64.urlsafe_b64encode(b"\xfb" * 31).decode(), b"\xfb" * 31, "from base64url"),
    "decoded there, hexadecimal": ("fe" * 32, b"\xfe" * 32, "from hexadecimal digits"),
    "hexadecimal there": (PLAIN, PLAIN.encode().hex().encode(), "as hexadecimal digits"),
    "cut there at #": (f"{PLAIN}#more", PLAIN.encode(), "cut at #"),
    "cut there at $": (f"{PLAIN}$", PLAIN.encode(), "cut at $"),
    "replaced there after $": ("plain$more-secret-text-than-that", b"plain-secret-text-than-that", "as Next.js does"),
    "the other key": (PLAIN, b"a-key-of-the-tests-that-is-as-long-as-django-wants-them-to-be", "SECRET_KEY instead"),
}


@pytest.mark.usefixtures("shared")
@pytest.mark.parametrize(("here", "there", "words"), SECRETS_THERE.values(), ids=SECRETS_THERE)
@pytest.mark.parametrize("way", ["token", "session"])
def test_how_the_secrets_differ_is_found_out(way: str, here: str, there: bytes, words: str, settings: Settings) -> None:
    settings.BETTER_AUTH_SECRET = here
    exp = int((timezone.now() + HOUR).timestamp())
    token = by_secret({"sub": "ada", "exp": exp}, secret=there) if way == "token" else f"{RAW}.{signature(RAW, there)}"

    printed = told(token)

    assert "Better Auth's server has " in printed
    assert words in printed
    assert here not in printed


@pytest.mark.usefixtures("shared")
@pytest.mark.parametrize("line", ["BETTER_AUTH_SECRET={}", 'export BETTER_AUTH_SECRET="{}"'])
def test_a_secret_that_is_cut_here_is_found_in_the_env_file(line: str, settings: Settings, tmp_path: Path) -> None:
    whole = f"{PLAIN} #more"
    (tmp_path / ".env").write_text(f"# a comment\n{line.format(whole)}\n")
    settings.BASE_DIR = tmp_path
    settings.BETTER_AUTH_SECRET = PLAIN

    assert "the whole line of the .env file" in told(token_of("ada", secret=whole))


@pytest.mark.usefixtures("shared")
def test_another_secret_altogether_is_not_explained_away() -> None:
    assert "Better Auth's server has" not in told(token_of("ada", secret="x" * 40))


@pytest.mark.django_db
def test_without_a_secret_nothing_under_one_is_accepted(settings: Settings) -> None:
    settings.BETTER_AUTH_SECRET = ""

    for secret in ("", "x" * 40):
        token = by_secret({"sub": "ada", "exp": 99999999999}, secret=secret)
        assert_refused(answer_to(token))
        assert "set BETTER_AUTH_SECRET" in told(token)


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
        ("access token", f"set BETTER_AUTH_RESOURCE={RESOURCE} if that is this API."),
        ("ID token", "Send the access token (with a `resource`), or the token of the jwt plugin."),
        ("logout token", "Send a login token: this is something else."),
        ("sub is a number", "sub is the number 7: it must be a text, .setSubject(String(user.id))."),
        ("exp in milliseconds", "exp is in milliseconds: JWTs have seconds, Math.floor(Date.now() / 1000)."),
        ("iat in milliseconds", "iat is in milliseconds"),
        ("another version of the cache", "set BETTER_AUTH_COOKIE_CACHE_VERSION"),
        ("API key", "This API takes no API keys."),
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
def test_an_access_token_without_a_scope_of_ours_is_403(settings: Settings) -> None:
    settings.BETTER_AUTH_RESOURCE = RESOURCE
    settings.BETTER_AUTH_OAUTH_ISSUER = [f"{ISSUER}/api/auth"]

    assert "Ask for one of tasks:read, tasks:write at the sign-in." in told(access_token(scope="openid"))
    assert "is answered 403." in told(access_token(scope="openid"))
    assert "Accepted." in told(access_token())


@pytest.mark.usefixtures("shared")
def test_a_token_like_an_opaque_access_token_is_explained(settings: Settings) -> None:
    settings.BETTER_AUTH_RAW_SESSION_TOKENS = True

    assert "name this API as `resource`" in told("aBcDeFgH" * 4)


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
