"""Verifies every kind of token that Better Auth issues. This is where the kinds are distinguished.

| looks like                            | kind            | verified with                              |
|---------------------------------------|-----------------|--------------------------------------------|
| three parts, alg HS…                  | SHARED_SECRET   | the current secret, JWT_ALGORITHM          |
| three parts, alg EdDSA, …             | PUBLIC_KEY      | the public key that its `kid` names        |
| the same, typ …session-cache+jwt      | SESSION_CACHE   | the same                                   |
| the same, typ at+jwt                  | ACCESS_TOKEN    | the same, for BETTER_AUTH_RESOURCE         |
| token.signature                       | SIGNED_SESSION  | the current secret, and the session row    |
| 32 letters and digits                 | RAW_SESSION     | the session row                            |
"""

import time
from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum

from django.conf import settings

from accounts.caller import Login, SessionReference
from accounts.exceptions import InvalidToken
from accounts.tokens import access_tokens, session_cache, sessions
from accounts.tokens.claims import Claims, Parties, check_claims, login_from_claims
from accounts.tokens.jwks import current_keys
from accounts.tokens.jwt import (
    PUBLIC_KEY_ALGORITHMS,
    SHARED_SECRET_ALGORITHMS,
    UnverifiedToken,
    VerificationKey,
    check_header,
    current_secret_key,
    parse,
)
from accounts.tokens.key_sets import FRESH_SECONDS


class Kind(StrEnum):
    """What a token looks like, before anything in it is verified."""

    SHARED_SECRET = "a JWT signed with the shared secret"  # noqa: S105  A name for people, not a password.
    PUBLIC_KEY = "a JWT signed with a key pair"
    SESSION_CACHE = "a session cache signed with a key pair"
    ACCESS_TOKEN = "an OAuth access token"  # noqa: S105  As above.
    SIGNED_SESSION = "a signed session token"
    RAW_SESSION = "a raw session token"


LOGINS: dict[Kind, Callable[[Claims], Login]] = {
    Kind.SHARED_SECRET: session_cache.login_by_secret,
    Kind.PUBLIC_KEY: login_from_claims,
    Kind.SESSION_CACHE: session_cache.login_by_key,
    Kind.ACCESS_TOKEN: access_tokens.login_from_access_token,
}


def verify(token: str) -> Login:
    """Return what `token` proves. Raises InvalidToken, TokenExpired, or KeysUnavailable."""
    kind, jwt = identify(token)
    if jwt is None:
        return Login(None, verify_session_token(kind, token))
    key_of(kind, jwt).verify(jwt)
    check_claims(jwt.claims, parties_of(kind))
    login = LOGINS[kind](jwt.claims)
    return login if kind is Kind.SHARED_SECRET else replace(login, verified_until=time.monotonic() + FRESH_SECONDS)


def identify(token: str) -> tuple[Kind, UnverifiedToken | None]:
    """Return what `token` looks like and, if it is a JWT, its parts. Raises InvalidToken for any other text."""
    if token.count(".") == 1 and sessions.is_signed(token):
        return Kind.SIGNED_SESSION, None
    if "." not in token and sessions.is_raw(token):
        return Kind.RAW_SESSION, None
    jwt = parse(token)
    check_header(jwt.header)
    return kind_of(jwt), jwt


def kind_of(jwt: UnverifiedToken) -> Kind:
    """Return the kind that the header of `jwt` says. Raises InvalidToken if none of ours has such a header."""
    has_public_key = jwt.algorithm in PUBLIC_KEY_ALGORITHMS
    if not has_public_key and jwt.algorithm not in SHARED_SECRET_ALGORITHMS:
        raise InvalidToken("The token's algorithm (alg) is not accepted.")
    if jwt.type == "jwt":
        return Kind.PUBLIC_KEY if has_public_key else Kind.SHARED_SECRET
    if has_public_key and jwt.type == session_cache.TYPE:
        return Kind.SESSION_CACHE
    if has_public_key and jwt.type in access_tokens.TYPES:
        if settings.BETTER_AUTH_RESOURCE:
            return Kind.ACCESS_TOKEN
        raise InvalidToken("OAuth access tokens are not accepted here; set BETTER_AUTH_RESOURCE.")
    raise InvalidToken("The token's type (typ) is not that of a login.")


def parties_of(kind: Kind) -> Parties:
    """Return the issuers and audiences of a kind of JWT."""
    if kind is Kind.SESSION_CACHE:  # It names the server itself, whatever the jwt plugin's options are.
        issuers = [*settings.BETTER_AUTH_ORIGIN, *settings.BETTER_AUTH_ISSUER]
        return Parties(issuers, [session_cache.AUDIENCE])
    if kind is Kind.ACCESS_TOKEN:
        return Parties(settings.BETTER_AUTH_OAUTH_ISSUER, [settings.BETTER_AUTH_RESOURCE])
    is_by_key = kind is Kind.PUBLIC_KEY
    return Parties(settings.BETTER_AUTH_ISSUER, settings.BETTER_AUTH_AUDIENCE, are_required=is_by_key)


def key_of(kind: Kind, jwt: UnverifiedToken) -> VerificationKey:
    """Return the only key that can have signed `jwt`. Raises InvalidToken or KeysUnavailable."""
    return current_secret_key() if kind is Kind.SHARED_SECRET else public_key_of(jwt)


def verify_session_token(kind: Kind, token: str) -> SessionReference:
    """Return the session of a session token. Raises InvalidToken."""
    if not settings.BETTER_AUTH_SHARED_DATABASE:
        raise InvalidToken("Session tokens are accepted only if Better Auth shares the database.")
    if kind is Kind.SIGNED_SESSION:
        return sessions.verify_signed(token)
    if not settings.BETTER_AUTH_RAW_SESSION_TOKENS:
        raise InvalidToken("Raw session tokens are not accepted here; send the signed one (set-auth-token).")
    return SessionReference("token", token)


def public_key_of(jwt: UnverifiedToken) -> VerificationKey:
    """Return the published key that signed `jwt`, if it is genuine. Raises InvalidToken."""
    keys = current_keys()
    if keys is None:
        raise InvalidToken("Tokens signed with a key pair are not accepted here; set BETTER_AUTH_URL.")
    kid = jwt.header.get("kid")
    if not isinstance(kid, str) or not kid:
        raise InvalidToken("The token's header names no key (kid).")
    for key in keys.get(kid):
        if key.algorithm == jwt.algorithm:
            return key
    raise InvalidToken("The token is signed with a key (kid) that Better Auth does not publish.")
