"""The claims of verified JWTs: whether they are valid now and for this API, and whom they name.

Better Auth signs more than logins with the same keys: email verifications, ID tokens, logout tokens. What is made for
something else is refused by the claims and types that only it has.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from accounts.caller import Caller, Login, SessionReference
from accounts.exceptions import InvalidToken, TokenExpired
from accounts.origins import is_accepted

MAX_ID_LENGTH = 255
MAX_TEXT_LENGTH = 500  # Emails are indexed, and PostgreSQL cannot index more than 2704 bytes.
MAX_TIMESTAMP = 253_402_300_799  # The end of the year 9999, the last that both Python and PostgreSQL can represent.
PARTIES = {"iss": "issuer", "aud": "audience"}
NO_LOGIN = {
    "requestType": "an email verification",
    "updateTo": "an email verification",
    "nonce": "an ID token",
    "at_hash": "an ID token",
    "c_hash": "an ID token",
    "acr": "an ID token",
    "events": "a logout token",
    "cnf": "bound to a key (cnf)",
}

type Claims = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Parties:
    """The issuers and audiences that tokens of one kind may name; an empty collection takes any.

    are_required: whether a token must name them. One that is signed with the shared secret need not.
    """

    issuers: Collection[str]
    audiences: Collection[str]
    are_required: bool = True


def check_claims(claims: Claims, parties: Parties) -> None:
    """Raise TokenExpired or InvalidToken unless `claims` are valid now and for this API."""
    check_times(claims)
    check_party(claims, "iss", parties)
    check_party(claims, "aud", parties)


def check_times(claims: Claims) -> None:
    """Raise TokenExpired or InvalidToken unless `claims` are valid now (RFC 7519, section 4.1). `exp` is required.

    An `iat` ahead of our clock is accepted, as in Better Auth: it only says that its clock is ahead of ours.
    """
    now, leeway = datetime.now(UTC).timestamp(), settings.JWT_LEEWAY_SECONDS
    if "exp" not in claims:
        raise InvalidToken("The token has no expiry (exp).")
    for name in ("exp", "nbf", "iat"):
        if name in claims and not is_timestamp(claims[name]):
            raise InvalidToken(f"The token's `{name}` claim is not a valid timestamp.")
    if claims["exp"] <= now - leeway:
        raise TokenExpired
    if claims.get("nbf", 0) > now + leeway:
        raise InvalidToken("The token is not valid yet.")


def is_timestamp(value: object) -> bool:
    """Return whether `value` is a NumericDate: seconds since 1970. False for NaN, which compares with nothing."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= MAX_TIMESTAMP


def check_party(claims: Claims, name: str, parties: Parties) -> None:
    """Raise InvalidToken unless the `iss` or `aud` of `claims` is accepted."""
    accepted = parties.issuers if name == "iss" else parties.audiences
    if name not in claims:
        if parties.are_required:
            raise InvalidToken(f"The token names no {PARTIES[name]} ({name}).")
    elif accepted and not any(is_accepted(party, accepted) for party in named_parties(name, claims[name])):
        raise InvalidToken(f"The token's {PARTIES[name]} ({name}) is not accepted here.")


def named_parties(name: str, value: object) -> list[str]:
    """Return the parties in a claim: one issuer, or one audience or a list of them; none if it is anything else."""
    if isinstance(value, str):
        return [value]
    if name == "aud" and isinstance(value, list) and all(isinstance(item, str) for item in value):
        return value
    return []


def login_from_claims(claims: Claims) -> Login:
    """Return the user that `sub` names, and the session that `sid` names. Raises InvalidToken."""
    check_purpose(claims, NO_LOGIN)
    if "sub" not in claims:
        raise InvalidToken("The token names no user (sub).")
    return Login(caller_of(claims["sub"], claims, claims["exp"]), session_id(claims))


def check_purpose(claims: Claims, other_purposes: Mapping[str, str]) -> None:
    """Raise InvalidToken if `claims` has one that only tokens for something else have."""
    for name, purpose in other_purposes.items():
        if name in claims:
            raise InvalidToken(f"The token is {purpose}, not a login.")


def caller_of(user_id: object, user: Claims, exp: float, scopes: frozenset[str] | None = None) -> Caller:
    """Return the caller that a token names. user: what it says about them. Raises InvalidToken."""
    if not isinstance(user_id, str) or not is_id(user_id):
        raise InvalidToken("The token names no user.")
    return Caller(
        id=user_id,
        email=text_or_none(user.get("email")),
        name=text_or_none(user.get("name")),
        created_at=datetime_or_none(user.get("createdAt")),
        expires_at=datetime.fromtimestamp(exp, UTC),
        scopes=scopes,
        impersonated_by=impersonator(user),
    )


def impersonator(claims: Claims) -> str | None:
    """Return who acts as the user: the `act` claim (RFC 8693, section 4.1), or `impersonatedBy` of Better Auth."""
    act = claims.get("act")
    named = act.get("sub") if isinstance(act, dict) else claims.get("impersonatedBy")
    return named if isinstance(named, str) and is_id(named) else None


def session_id(claims: Claims) -> SessionReference | None:
    """Return the session that a `sid` claim names: one line of `definePayload` in Better Auth adds it."""
    if "sid" not in claims:
        return None
    if not isinstance(claims["sid"], str) or not is_id(claims["sid"]):
        raise InvalidToken("The token's session id (sid) is malformed.")
    return SessionReference("id", claims["sid"])


def is_id(text: str) -> bool:
    """Return whether PostgreSQL and URLs can hold `text` as an id: no NUL, no lone surrogate, no white space around."""
    return 0 < len(text) <= MAX_ID_LENGTH and text.isprintable() and text == text.strip()


def text_or_none(value: object) -> str | None:
    """Return `value`, cut to MAX_TEXT_LENGTH, if it is text that PostgreSQL can store."""
    if not isinstance(value, str) or "\0" in value:
        return None
    return value.encode("utf-8", "ignore").decode()[:MAX_TEXT_LENGTH]


def datetime_or_none(value: object) -> datetime | None:
    """Return the time of an ISO 8601 text with a zone, as JavaScript writes dates into JSON."""
    if not isinstance(value, str):
        return None
    try:
        parsed = datetime.fromisoformat(value)
        return parsed.astimezone(UTC) if parsed.tzinfo else None
    except (ValueError, OverflowError):
        return None
