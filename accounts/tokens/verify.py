"""Verifies every kind of token that Better Auth issues. This is where the kinds are distinguished.

| looks like                  | kind                | verified with                              |
|-----------------------------|---------------------|--------------------------------------------|
| three parts, alg HS…        | SHARED_SECRET       | the current secret, JWT_ALGORITHM          |
| three parts, alg EdDSA, …   | PUBLIC_KEY          | the public key that its `kid` names        |
| token.signature             | SIGNED_SESSION      | the current secret, and the session row    |
| 32 letters and digits       | RAW_SESSION         | the session row                            |
"""

import time
from dataclasses import replace
from enum import StrEnum

from django.conf import settings

from accounts.caller import Login, SessionReference
from accounts.exceptions import InvalidToken
from accounts.tokens import sessions
from accounts.tokens.claims import check_claims, login_from_claims
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
    SIGNED_SESSION = "a signed session token"
    RAW_SESSION = "a raw session token"


def verify(token: str) -> Login:
    """Return what `token` proves. Raises InvalidToken or TokenExpired."""
    kind, jwt = identify(token)
    if jwt is None:
        return Login(None, verify_session_token(kind, token))
    if kind is Kind.SHARED_SECRET:
        current_secret_key().verify(jwt)
        check_claims(jwt.claims, names_parties=False)
        return login_from_claims(jwt.claims)
    public_key_of(jwt).verify(jwt)
    check_claims(jwt.claims, names_parties=True)
    return replace(login_from_claims(jwt.claims), verified_until=time.monotonic() + FRESH_SECONDS)


def identify(token: str) -> tuple[Kind, UnverifiedToken | None]:
    """Return what `token` looks like and, if it is a JWT, its parts. Raises InvalidToken for any other text."""
    if token.count(".") == 1 and sessions.is_signed(token):
        return Kind.SIGNED_SESSION, None
    if "." not in token and sessions.is_raw(token):
        return Kind.RAW_SESSION, None
    jwt = parse(token)
    check_header(jwt.header)
    if jwt.algorithm in SHARED_SECRET_ALGORITHMS:
        return Kind.SHARED_SECRET, jwt
    if jwt.algorithm in PUBLIC_KEY_ALGORITHMS:
        return Kind.PUBLIC_KEY, jwt
    raise InvalidToken("The token's algorithm (alg) is not accepted.")


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
