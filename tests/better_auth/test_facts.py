"""What real Better Auth servers do, as far as our own tests and documents rely on it."""

import base64
import hashlib
import hmac
import os
from collections.abc import Callable, Iterator
from typing import Any, Literal, get_args
from urllib.parse import unquote

import jwt
import psycopg
import pytest

from tests.better_auth.config import SECRET, Algorithm, Config, Version
from tests.better_auth.lab import BetterAuthServer, migrate
from tests.better_auth.person import PASSWORD, Person
from tests.better_auth.project import LabError
from tests.support.databases import fresh_database

pytestmark = pytest.mark.skipif(
    not os.environ.get("CI"), reason="It tests Better Auth and not this API: a canary that runs in CI (CI=true)."
)

VERSIONS = get_args(Version.__value__)
ALGORITHMS = get_args(Algorithm.__value__)
LEEWAY = 15
CACHE = "better-auth.session_data"


def running(config: Config) -> BetterAuthServer:
    """A server on tables that its own migration has made."""
    migrate(config)
    return BetterAuthServer(config)


def by_key(server: BetterAuthServer, token: str) -> dict[str, Any]:
    """The claims of `token`, verified with the published key that it names."""
    header = jwt.get_unverified_header(token)
    [key] = [key for key in server.jwks()["keys"] if key["kid"] == header["kid"]]
    return jwt.decode(
        token, jwt.PyJWK(key).key, [key["alg"]], audience=server.origin, issuer=server.origin, leeway=LEEWAY
    )


def by_secret(token: str, secret: str = SECRET) -> dict[str, Any]:
    """The claims of `token`, verified with the shared secret."""
    return jwt.decode(token, secret, ["HS256"], leeway=LEEWAY)


def signed(token: str, secret: str = SECRET) -> str:
    """The session token as Better Auth signs it."""
    digest = hmac.new(secret.encode(), token.encode(), hashlib.sha256).digest()
    return f"{token}.{base64.b64encode(digest).decode()}"


@pytest.fixture(scope="module", params=VERSIONS)
def server(request: pytest.FixtureRequest, postgres_url: str) -> Iterator[BetterAuthServer]:
    """A server of each version with every plugin and the cookie cache that backends can verify."""
    with fresh_database(postgres_url) as database:
        config = Config(
            database=database, version=request.param, jwt="EdDSA", admin=True, bearer=True, cookie_cache="jwt"
        )
        with running(config) as server:
            yield server


def test_every_token_of_a_session_names_its_person(server: BetterAuthServer) -> None:
    person = server.sign_up("names@example.com")

    assert by_key(server, person.jwt())["sub"] == person.id
    assert by_secret(person.minted())["sub"] == person.id
    assert by_secret(person.session_data_cookie())["user"]["id"] == person.id
    assert signed(person.raw_session_token()) == person.signed_session_token()
    assert unquote(person.set_auth_token()) == person.signed_session_token()
    assert (person.session() or {})["user"]["id"] == person.id


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_the_jwt_plugin_signs_with_the_algorithm_asked_for(
    database: str, version: Version, algorithm: Algorithm
) -> None:
    with running(Config(database=database, version=version, jwt=algorithm, sid=True)) as server:
        person = server.sign_up()
        token = person.jwt()

        assert jwt.get_unverified_header(token)["alg"] == algorithm
        session_id = (person.session() or {})["session"]["id"]
        assert by_key(server, token)["sid"] == session_id
        assert by_secret(person.minted())["sid"] == session_id


def test_a_verification_link_is_signed_by_the_shared_secret_and_names_no_subject(server: BetterAuthServer) -> None:
    server.sign_up("links@example.com")
    claims = by_secret(server.verification_token("links@example.com"))

    assert claims["email"] == "links@example.com"
    assert "sub" not in claims
    # 1.7.24 names the user all the same, under another claim; 1.4 does not.
    assert ("userId" in claims) == (server.config.version == "1.7")


def test_another_email_counts_once_its_link_is_followed(server: BetterAuthServer) -> None:
    person = server.sign_up("old@example.com")
    person.change_email("New@Example.com")
    token = server.verification_token("new@example.com")
    assert by_secret(token)["requestType"] == "change-email-verification"
    assert (person.session() or {})["user"]["email"] == "old@example.com"

    person.follow(server.mails("new@example.com")[0].url)

    person.email = "new@example.com"
    again = server.sign_in(person)
    assert again.id == person.id
    assert by_key(server, again.jwt())["email"] == "new@example.com"


def test_a_new_password_keeps_the_other_sessions_unless_asked_to_end_them(server: BetterAuthServer) -> None:
    person = server.sign_up("password@example.com")
    other = server.sign_in(person)
    del other.cookies[CACHE]
    person.change_password("another-password")
    assert other.session() is not None

    person.change_password(PASSWORD, sign_out_others=True)

    del other.cookies[CACHE]
    assert other.session() is None
    assert person.session() is not None


def sign_out(server: BetterAuthServer, person: Person) -> None:
    person.sign_out()


def delete(server: BetterAuthServer, person: Person) -> None:
    person.delete_user()


def ban(server: BetterAuthServer, person: Person) -> None:
    server.administrator(f"root-{person.email}").ban_user(person.id)


def remove(server: BetterAuthServer, person: Person) -> None:
    server.administrator(f"root-{person.email}").remove_user(person.id)


@pytest.mark.parametrize("end", [sign_out, delete, ban, remove])
def test_kept_cookies_still_give_new_tokens_after_the_end_while_the_cookie_cache_lasts(
    server: BetterAuthServer, end: Callable[[BetterAuthServer, Person], None]
) -> None:
    person = server.sign_up(f"{end.__name__}@example.com")
    kept = person.twin()
    without_cache = person.twin()
    del without_cache.cookies[CACHE]

    end(server, person)

    assert by_key(server, kept.jwt())["sub"] == person.id
    assert by_secret(kept.minted())["sub"] == person.id
    assert without_cache.get("/api/auth/token").status == 401
    assert without_cache.get("/lab/minted").json is None
    with psycopg.connect(server.config.database) as connection:
        assert connection.execute('SELECT FROM session WHERE "userId" = %s', [person.id]).fetchall() == []


def test_a_banned_user_cannot_sign_in_until_the_ban_is_over(server: BetterAuthServer) -> None:
    person = server.sign_up("banned@example.com")
    administrator = server.administrator("root-of-the-ban@example.com")
    administrator.ban_user(person.id)

    with pytest.raises(LabError, match="BANNED_USER"):
        server.sign_in(person)

    administrator.unban_user(person.id)
    assert server.sign_in(person).id == person.id


def test_after_a_rotation_new_tokens_have_a_new_key_and_the_old_one_stays_published(server: BetterAuthServer) -> None:
    person = server.sign_up("rotation@example.com")
    before = person.jwt()
    server.rotate_keys()
    after = person.jwt()

    assert jwt.get_unverified_header(before)["kid"] != jwt.get_unverified_header(after)["kid"]
    assert by_key(server, before)["sub"] == by_key(server, after)["sub"]


def test_a_public_https_url_makes_secure_cookies_and_is_the_issuer(database: str) -> None:
    with running(Config(database=database, jwt="ES256", base_url="https://todo.example/")) as server:
        person = server.sign_up()

        assert list(person.cookies) == ["__Secure-better-auth.session_token"]
        assert by_key(server, person.jwt())["iss"] == "https://todo.example"


def test_of_versioned_secrets_the_first_signs(database: str) -> None:
    new, old = "the-new-secret-of-the-lab-signs-everything", "the-old-secret-of-the-lab-signs-no-more"
    config = Config(database=database, cookie_cache="jwt", secrets={2: new, 1: old})
    with running(config) as server:
        person = server.sign_up()

        assert by_secret(person.session_data_cookie(), new)["user"]["id"] == person.id
        assert signed(person.raw_session_token(), new) == person.signed_session_token()


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("ids", "column"), [("uuid", "uuid"), ("serial", "integer"), (None, "text")])
def test_better_auths_own_migrations_make_ids_of_each_kind(
    database: str, version: Version, ids: Literal["uuid", "serial"] | None, column: str
) -> None:
    with running(Config(database=database, version=version, ids=ids, jwt="EdDSA")) as server:
        person = server.sign_up()

        with psycopg.connect(database) as connection:
            kinds = connection.execute(
                "SELECT data_type FROM information_schema.columns WHERE (table_name, column_name) = ('user', 'id')"
            ).fetchall()
        assert kinds == [(column,)]
        assert by_key(server, person.jwt())["sub"] == person.id


def test_tables_and_columns_may_have_other_names(database: str) -> None:
    user = {"modelName": "people", "fields": {"emailVerified": "email_verified"}}
    with running(Config(database=database, jwt="EdDSA", options={"user": user})) as server:
        person = server.sign_up()

        with psycopg.connect(database) as connection:
            assert connection.execute("SELECT id, email_verified FROM people").fetchall() == [(person.id, False)]
        assert by_key(server, person.jwt())["emailVerified"] is False


def test_the_newest_checks_its_tables_at_the_first_request_and_keeps_to_what_it_saw(database: str) -> None:
    with running(Config(database=database)) as server, psycopg.connect(database, autocommit=True) as connection:
        connection.execute('ALTER TABLE "user" DROP COLUMN image')
        with pytest.raises(LabError, match=r"user\.image"):
            server.sign_up()

        connection.execute('ALTER TABLE "user" ADD COLUMN image text')
        with pytest.raises(LabError, match=r"user\.image"):
            server.sign_up()


@pytest.mark.parametrize("algorithm", [None, "EdDSA"])
def test_the_newest_goes_on_with_a_session_of_1_4_once_its_migration_has_run(
    database: str, algorithm: Algorithm | None
) -> None:
    before = Config(database=database, version="1.4", jwt=algorithm)
    after = Config(database=database, version="1.7", jwt=algorithm)
    with running(before) as server:
        cookies = server.sign_up().cookies
    if algorithm:  # the table of keys has gained two columns since
        with BetterAuthServer(after) as server, pytest.raises(LabError, match=r"jwks\.alg"):
            server.sign_up()

    with running(after) as server:
        visitor = server.visitor()
        visitor.cookies = cookies
        assert visitor.get("/api/auth/get-session").json["user"]["email"] == "ada@example.com"


def test_a_cookie_too_long_for_one_is_put_together_from_its_pieces(server: BetterAuthServer) -> None:
    name = "n" * 3500
    person = server.sign_up("long@example.com", name=name)

    assert "better-auth.session_data.1" in person.cookies
    assert by_secret(person.session_data_cookie())["user"]["name"] == name
