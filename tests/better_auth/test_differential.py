"""Better Auth's own verifiers and this API judge the same tokens; differences.py has each disagreement's reason.

Better Auth has no verifier for tokens that an app signs itself.
"""

import base64
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.better_auth.config import Config
from tests.better_auth.differences import STATES, differences_of
from tests.better_auth.lab import BetterAuthServer, migrate
from tests.better_auth.mutations import Genuine, mutations, read
from tests.better_auth.oauth import Client, provider
from tests.better_auth.person import Person
from tests.support.api_server import Api, free_port
from tests.support.databases import fresh_database

KINDS = ("jwt plugin", "session cache", "session cache by key", "access token")
MANY = 90  # So many tokens of each kind are judged at the least.


@dataclass
class Bench:
    """The two that judge, and somebody who has tokens of each kind."""

    server: BetterAuthServer
    api: Api
    ada: Person
    private: Any

    def genuine(self, kind: str) -> Genuine:
        """A token of `kind`, made by Better Auth now."""
        header, claims = read(self.token_of(kind))
        if kind == "session cache by key":
            # As createCookieCacheSigner puts it together; the server has one signer at a time.
            names = {"aud": "better-auth:session-cache", "iss": self.server.origin}
            claims = {**claims, **names, "sub": claims["user"]["id"], "sid": claims["session"]["token"]}
            kid = read(self.ada.jwt())[0]["kid"]
            header = {"alg": "EdDSA", "kid": kid, "typ": "better-auth.session-cache+jwt"}
        private = None if kind == "session cache" else self.private
        return Genuine(kind, header, claims, private, Ed25519PrivateKey.generate())

    def token_of(self, kind: str) -> str:
        """A token as Better Auth gives it to Ada."""
        if kind == "jwt plugin":
            return self.ada.jwt()
        if kind == "access token":
            resource = self.api.settings["BETTER_AUTH_RESOURCE"]
            client = Client(f"{self.server.origin}/api/auth")
            return str(client.by_browser(self.ada, "openid tasks:read", resource)["access_token"])
        return self.ada.session_data_cookie()

    def theirs(self, kind: str, tokens: list[str]) -> list[str | None]:
        """Whom each token names, by Better Auth."""
        body = {"kind": kind, "tokens": tokens, "audience": self.api.settings["BETTER_AUTH_RESOURCE"]}
        verdicts: list[str | None] = self.server.visitor().post("/lab/verdicts", body).ok().json
        return verdicts

    def ours(self, kind: str, token: str) -> str | None:
        """Whom this API takes `token` for. An access token opens the tasks of its user alone."""
        if kind == "access token":
            status = self.api.status(token, f"/api/{self.ada.id}/tasks")
            return self.ada.id if status in {200, 403} and self.is_login(token) else None
        answer = self.api.send("GET", "/api/me", Authorization=f"Bearer {token}")
        assert answer.status in {200, 401}, (token, answer.body)
        return str(answer.json["id"]) if answer.status == 200 else None

    def is_login(self, token: str) -> bool:
        """Whether an access token is genuine, whatever its scopes and its user are: 403 says so as 200 does."""
        return self.api.status(token, "/api/me") == 403


@pytest.fixture(scope="module")
def bench(postgres_url: str, migrated_template: str) -> Iterator[Bench]:
    """A Better Auth with every kind of token, and this API on its database."""
    with fresh_database(postgres_url, migrated_template) as database:
        port = free_port()
        resource = f"http://127.0.0.1:{port}"
        config = Config(
            database=database,
            jwt="EdDSA",
            jwt_options={"jwks": {"disablePrivateKeyEncryption": True}},
            cookie_cache="jwt",
            bearer=True,
            admin=True,
            plugins=provider(resource),
        )
        migrate(config)
        with BetterAuthServer(config) as server:
            settings = {
                "BETTER_AUTH_URL": server.base_url,
                "BETTER_AUTH_RESOURCE": resource,
                "BETTER_AUTH_SHARED_DATABASE": "true",
                "BETTER_AUTH_RAW_SESSION_TOKENS": "true",
                "BETTER_AUTH_RECHECK_SECONDS": "0",
            }
            with Api(database, PORT=str(port), **settings) as api:
                ada = server.sign_up()
                ada.jwt()
                yield Bench(server, api, ada, private_key(database))


def private_key(database: str) -> Ed25519PrivateKey:
    """The key with which the server signs: it stores it unencrypted."""
    with psycopg.connect(database) as connection:
        [(text,)] = connection.execute('SELECT "privateKey" FROM jwks').fetchall()
    d = json.loads(text)["d"]
    return Ed25519PrivateKey.from_private_bytes(base64.urlsafe_b64decode(d + "=="))


def judged(bench: Bench, kind: str, tokens: dict[str, str]) -> dict[str, tuple[str | None, str | None]]:
    """Both verdicts on each token: Better Auth's, and ours."""
    theirs = bench.theirs(kind, list(tokens.values()))
    with ThreadPoolExecutor(8) as callers:
        ours = list(callers.map(lambda token: bench.ours(kind, token), tokens.values()))
    return dict(zip(tokens, zip(theirs, ours, strict=True), strict=True))


def differing(verdicts: dict[str, tuple[str | None, str | None]]) -> dict[str, str]:
    """The tokens on which the two disagree, and in which direction."""
    return {
        name: "stricter" if ours is None else "laxer" if theirs is None else "another user"
        for name, (theirs, ours) in verdicts.items()
        if theirs != ours
    }


@pytest.mark.parametrize("kind", KINDS)
def test_the_two_verdicts_differ_only_where_it_is_named(kind: str, bench: Bench) -> None:
    genuine = bench.genuine(kind)
    tokens = dict(mutations(genuine))

    verdicts = judged(bench, kind, tokens)
    # Seconds decide about these: they are made again, and judged at once.
    verdicts |= judged(
        bench, kind, {name: token for name, token in mutations(genuine) if name.endswith((" s ago", " s ahead"))}
    )

    assert verdicts["genuine"] == (bench.ada.id, bench.ada.id)
    assert len(tokens) >= MANY
    assert differing(verdicts) == differences_of(kind)


def bearer_tokens(person: Person) -> dict[str, str]:
    """Session tokens, genuine and changed."""
    signed, raw = person.signed_session_token(), person.raw_session_token()
    token, _, signature = signed.partition(".")
    return {
        "genuine": signed,
        "percent-encoded": quote(signed, safe=""),
        "raw": raw,
        "raw, one character changed": ("B" if raw[0] != "B" else "C") + raw[1:],
        "another token under the signature": f"{'B' * 32}.{signature}",
        "signature cut": signed[:-4],
        "signature without padding": signed.rstrip("="),
        "signature changed": f"{token}.{'B' if signature[0] != 'B' else 'C'}{signature[1:]}",
        "no signature": f"{token}.",
        "two signatures": f"{signed}.{signature}",
        "lower case": signed.lower(),
    }


def test_session_tokens_are_judged_alike(bench: Bench) -> None:
    verdicts = judged(bench, "bearer", bearer_tokens(bench.ada))

    assert verdicts["genuine"] == (bench.ada.id, bench.ada.id)
    assert differing(verdicts) == {}


EVENTS: dict[str, Callable[[BetterAuthServer, Person], object]] = {
    "signed out": lambda server, person: person.sign_out(),
    "banned": lambda server, person: server.administrator(f"root-{person.email}").ban_user(person.id),
    "deleted": lambda server, person: person.delete_user(),
}


@pytest.mark.parametrize("state", EVENTS)
def test_what_happens_to_a_session_or_a_user_ends_the_tokens_here_at_least_as_soon(state: str, bench: Bench) -> None:
    person = bench.server.sign_up(f"{state.replace(' ', '-')}@example.com")
    theirs = Bench(bench.server, bench.api, person, bench.private)
    tokens = {kind: theirs.genuine(kind).token() for kind in KINDS}
    tokens["bearer"] = person.signed_session_token()

    EVENTS[state](bench.server, person)

    found: dict[str, str] = {}
    for kind, token in tokens.items():
        found |= differing(judged(theirs, kind, {kind: token}))
    assert found == dict.fromkeys(STATES[state], "stricter")
