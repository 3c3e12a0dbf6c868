"""Records tokens of real servers, for tests that verify them at a frozen time: fast, and with neither Node nor waiting.

    python -m tests.better_auth.record postgresql://postgres@127.0.0.1/postgres

writes recorded.json beside this file: {recorded_at, servers: [{name, version, secret, base_url, algorithm, jwks,
jwks_rows, users, sessions, tokens: [{kind, token, user_id, session_id}]}]}. `user_id` is whom the token is about,
whether or not it is a login: the tests decide that by `kind`. The secrets and the users exist nowhere else.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from tests.better_auth.config import Config, Version
from tests.better_auth.lab import BetterAuthServer, migrate
from tests.better_auth.person import Person
from tests.better_auth.project import FOLDER, node_project
from tests.support.databases import fresh_database

RECORDED = FOLDER / "recorded.json"
BASE_URL = "https://todo.example"

# What one server says of itself: every algorithm, every cookie cache, and what changes the shape of a token.
SERVERS: dict[str, dict[str, Any]] = {
    "EdDSA": {"jwt": "EdDSA"},
    "ES256": {"jwt": "ES256"},
    "ES512": {"jwt": "ES512"},
    "RS256": {"jwt": "RS256"},
    "PS256": {"jwt": "PS256"},
    "shared secret": {"cookie_cache": "jwt"},
    "compact": {"cookie_cache": "compact"},
    "jwe": {"cookie_cache": "jwe"},
    "admin": {"jwt": "EdDSA", "admin": True, "cookie_cache": "jwt"},
    "sid": {"jwt": "EdDSA", "sid": True},
    "plain http": {"jwt": "EdDSA", "base_url": "http://localhost:3000"},
}
SERVERS_OF_1_7: dict[str, dict[str, Any]] = {
    "session cache by key": {"jwt": "EdDSA", "cookie_cache": "jwt", "jwt_options": {"sessionCookieCache": True}},
    "versioned secrets": {
        "jwt": "EdDSA",
        "cookie_cache": "jwt",
        "secrets": {2: "the-new-secret-of-the-lab-signs-everything", 1: "the-old-secret-of-the-lab-signs-no-more"},
    },
}
WANTED: dict[Version, dict[str, dict[str, Any]]] = {"1.7": SERVERS | SERVERS_OF_1_7, "1.4": SERVERS}


def tokens(server: BetterAuthServer, person: Person) -> Iterator[tuple[str, str]]:
    """Every kind of token the server gives `user`, as (kind, token)."""
    config = server.config
    yield "minted", person.minted()
    yield "signed session", person.signed_session_token()
    yield "set-auth-token", person.set_auth_token()
    yield "raw session", person.raw_session_token()
    if config.cookie_cache:
        by_key = config.jwt_options.get("sessionCookieCache")
        yield f"session cache {'by key' if by_key else config.cookie_cache}", person.session_data_cookie()
    if config.jwt:
        yield "jwt", person.jwt()
        server.rotate_keys()
        yield "jwt after rotation", person.jwt()
    if not config.jwt and config.cookie_cache == "jwt":  # once is enough: no other option changes these
        yield from look_alikes(server, person)


def look_alikes(server: BetterAuthServer, person: Person) -> Iterator[tuple[str, str]]:
    """What the same secret signs and is not a login: another cookie, and the links in the mails."""
    yield "signed dont_remember", server.sign_in(person, remember=False).cookie("dont_remember")
    yield "sign-up verification", server.verification_token(person.email)
    person.change_email("unverified@example.com")
    yield "change-email verification", server.verification_token("unverified@example.com")
    person.follow(server.mails(person.email)[0].url)
    # The cookie cache may still say that the URL is not verified; a new session asks the database.
    person = server.sign_in(person)
    person.change_email("verified@example.com")
    confirmation = server.mails(person.email)[-1]
    yield "change-email confirmation", confirmation.token
    person.follow(confirmation.url)
    yield "change-email after confirmation", server.verification_token("verified@example.com")


def recording(server: BetterAuthServer, name: str) -> dict[str, Any]:
    """What there is to verify about one server's tokens."""
    config = server.config
    person = server.sign_up()
    session = person.session() or {}
    given = [
        {"kind": kind, "token": token, "user_id": person.id, "session_id": session["session"]["id"]}
        for kind, token in tokens(server, person)
    ]
    return {
        "name": f"{config.version} {name}",
        "version": installed_version(config),
        "secret": config.current_secret,
        "secrets": {str(version): value for version, value in config.secrets.items()},
        "base_url": server.base_url,
        "algorithm": config.jwt,
        "jwks": server.jwks() if config.jwt else None,
        "jwks_rows": rows(config, "jwks") if config.jwt else [],
        "users": rows(config, "user"),
        "sessions": rows(config, "session"),
        "tokens": given,
    }


def rows(config: Config, table: str) -> list[dict[str, Any]]:
    """The table as it stands, but for private keys, which are no verifier's business."""
    with psycopg.connect(config.database, row_factory=dict_row) as connection:
        found = connection.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(table))).fetchall()
    return [{column: value for column, value in row.items() if column != "privateKey"} for row in found]


def installed_version(config: Config) -> str:
    """The exact release that stands behind `config.version`."""
    folder = {"1.7": "better-auth", "1.4": "better-auth-1-4"}[config.version]
    package = json.loads((node_project() / "node_modules" / folder / "package.json").read_text())
    return str(package["version"])


def record(postgres_url: str) -> dict[str, Any]:
    """Start each server on a database of its own, and return what they all gave."""
    recorded: list[dict[str, Any]] = []
    for version, servers in WANTED.items():
        for name, fields in servers.items():
            with fresh_database(postgres_url) as database:
                config = replace(Config(database=database, version=version, base_url=BASE_URL, bearer=True), **fields)
                migrate(config)
                with BetterAuthServer(config) as server:
                    recorded.append(recording(server, name))
    # The end of it: every token has been issued, and none has expired. The cookie caches are the first to, after 300 s.
    return {"recorded_at": datetime.now(UTC).isoformat(timespec="seconds"), "servers": recorded}


if __name__ == "__main__":
    written = record(sys.argv[1])
    RECORDED.write_text(json.dumps(written, indent=1, default=datetime.isoformat) + "\n")
