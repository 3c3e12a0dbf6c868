"""Every token that Better Auth issues, and what it proves. This is where the kinds are told apart.

| looks like                  | kind                | verified under                          |
|-----------------------------|---------------------|-----------------------------------------|
| three parts, alg HS…        | SHARED_SECRET       | BETTER_AUTH_SECRET(S), JWT_ALGORITHM    |
| three parts, alg EdDSA, …   | PUBLIC_KEY          | the public key that its `kid` names     |
| token.signature             | SIGNED_SESSION      | BETTER_AUTH_SECRET(S), the session row  |
| 32 letters and digits       | RAW_SESSION         | the session row                         |
"""

from enum import StrEnum

from django.conf import settings

from accounts import jws, session_tokens
from accounts.caller import Caller, SessionReference
from accounts.claims import Claims, login_of
from accounts.exceptions import InvalidToken
from accounts.mirror import mirror
from accounts.public_keys import current_keys
from accounts.standing import confirmed, signed_in
from accounts.token_backends import (
    PUBLIC_KEY_ALGORITHMS,
    SHARED_SECRET_ALGORITHMS,
    current_backends,
    decode_with_any,
)


class Kind(StrEnum):
    """What a token looks like, before anything of it is believed."""

    SHARED_SECRET = "a JWT signed with the shared secret"  # noqa: S105  a name for people, no password
    PUBLIC_KEY = "a JWT signed with a key pair"
    SIGNED_SESSION = "a signed session token"
    RAW_SESSION = "a raw session token"


def kind_of(token: str) -> Kind:
    """The kind that `token` looks like. Raises InvalidToken for what looks like none."""
    if session_tokens.is_signed(token):
        return Kind.SIGNED_SESSION
    if session_tokens.is_raw(token):
        return Kind.RAW_SESSION
    header = jws.read(token).header
    jws.check_header(header)
    if header["alg"] in SHARED_SECRET_ALGORITHMS:
        return Kind.SHARED_SECRET
    if header["alg"] in PUBLIC_KEY_ALGORITHMS:
        return Kind.PUBLIC_KEY
    raise InvalidToken("The token's algorithm (alg) is not accepted.")


def caller_of_token(token: str) -> Caller:
    """The person that `token` proves to be calling, with at most one query. Raises InvalidToken."""
    kind = kind_of(token)
    if kind in {Kind.SIGNED_SESSION, Kind.RAW_SESSION}:
        return signed_in(session_of(kind, token))
    login = login_of(claims_of(kind, token))
    if settings.BETTER_AUTH_SHARED_DATABASE:
        return confirmed(login)
    mirror(login.caller)
    return login.caller


def session_of(kind: Kind, token: str) -> SessionReference:
    """The session that a session token names. Raises InvalidToken."""
    if not settings.BETTER_AUTH_SHARED_DATABASE:
        raise InvalidToken("Session tokens are accepted only where Better Auth shares the database.")
    if kind is Kind.SIGNED_SESSION:
        return session_tokens.session_of_signed(token)
    if not settings.BETTER_AUTH_RAW_SESSION_TOKENS:
        raise InvalidToken("Raw session tokens are not accepted here; send the signed one (set-auth-token).")
    return SessionReference("token", token)


def claims_of(kind: Kind, token: str) -> Claims:
    """The verified claims of a JWT. Raises InvalidToken."""
    if kind is Kind.SHARED_SECRET:
        return decode_with_any(current_backends(), token)
    keys = current_keys()
    if keys is None:
        raise InvalidToken("Tokens signed with a key pair are not accepted here; set BETTER_AUTH_URL.")
    header = jws.read(token).header
    kid = header.get("kid")
    if not isinstance(kid, str) or not kid:
        raise InvalidToken("The token's header names no key (kid).")
    matching = [backend for backend in keys.get(kid) if backend.algorithm == header["alg"]]
    if not matching:
        raise InvalidToken("The token is signed with a key (kid) that Better Auth does not publish.")
    return matching[0].decode(token)
