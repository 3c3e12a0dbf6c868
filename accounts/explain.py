"""Why a token is accepted or refused: each check by itself, and what to change where.

It asks the same functions as a request does, one by one instead of up to the first refusal, and writes nothing.
"""

import base64
import binascii
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.db import DatabaseError

from accounts import jws, standing
from accounts.caller import SessionReference
from accounts.claims import Claims, check_party, check_times, is_moment, login_of
from accounts.exceptions import InvalidToken
from accounts.public_keys import current_keys
from accounts.token_backends import BetterAuthTokenBackend, current_backends
from accounts.tokens import Kind, kind_of, session_of

SAME_VALUE = "Give BETTER_AUTH_SECRET (or BETTER_AUTH_SECRETS) the value that your Better Auth server has."


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: what was looked at, what is wrong (None: nothing is), and what to change where."""

    check: str
    wrong: str | None = None
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a token is, says, and passes. header and claims are None where it has none, or none that can be read."""

    kind: str
    header: dict[str, Any] | None
    claims: dict[str, Any] | None
    findings: list[Finding]

    @property
    def is_accepted(self) -> bool:
        """Whether a request with this token would be let in."""
        return all(finding.wrong is None for finding in self.findings)


def explain(token: str) -> Explanation:
    """Look at `token` as a request would. Asks the database and the key address where they can be reached."""
    try:
        kind = kind_of(token)
    except InvalidToken as error:
        return explain_unknown(token, str(error.detail))
    if kind in {Kind.SIGNED_SESSION, Kind.RAW_SESSION}:
        return Explanation(kind, None, None, list(session_findings(kind, token)))
    unverified = jws.read(token)
    findings = [Finding("The header is that of a signed JWT")]
    by_kind = shared_secret_findings if kind is Kind.SHARED_SECRET else public_key_findings
    findings += by_kind(token, unverified)
    findings += claims_findings(unverified.claims, names_parties=kind is Kind.PUBLIC_KEY)
    return Explanation(kind, unverified.header, without_credentials(unverified.claims), findings)


def explain_unknown(token: str, wrong: str) -> Explanation:
    """A token of no kind that is accepted: what it is instead, where that can be told."""
    if token.count(".") == 4:
        remedy = 'It is encrypted (JWE). Set session.cookieCache.strategy to "jwt" in Better Auth.'
        return Explanation("an encrypted session cache", None, None, [Finding("Kind", wrong, remedy)])
    if is_compact_cache(token):
        remedy = 'Set session.cookieCache.strategy to "jwt" in Better Auth: its default, "compact", is no JWT.'
        return Explanation("a compact session cache", None, None, [Finding("Kind", wrong, remedy)])
    if token in {"undefined", "null"}:  # JavaScript's words for a cookie or a variable that is not there
        remedy = "The app had no token to send: ask for one before the request, and sign in where there is no session."
        return Explanation("no token", None, None, [Finding("Kind", wrong, remedy)])
    try:
        unverified = jws.read(token)
    except InvalidToken:
        remedy = "Send what Better Auth gave out, whole: a JWT, or the signed session token."
        return Explanation("nothing that Better Auth issues", None, None, [Finding("Kind", wrong, remedy)])
    remedy = "Send a login token: this header is that of something else."
    finding = Finding("The header is that of a signed JWT", wrong, remedy)
    return Explanation(
        "a JWT of a kind not accepted", unverified.header, without_credentials(unverified.claims), [finding]
    )


def is_compact_cache(token: str) -> bool:
    """Whether `token` is Better Auth's compact cookie cache: base64url of JSON that has its own signature."""
    try:
        content = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return False
    return isinstance(content, dict) and {"session", "signature"} <= content.keys()


def without_credentials(claims: dict[str, Any]) -> dict[str, Any]:
    """`claims` without the session's token, with which somebody could sign in."""
    session = claims.get("session")
    if not isinstance(session, dict) or "token" not in session:
        return claims
    return {**claims, "session": {**session, "token": "(left out)"}}


def found(check: str, look: Callable[[], object], remedy: str) -> Finding:
    """What `look` finds: it raises InvalidToken where something is wrong."""
    try:
        look()
    except InvalidToken as error:
        return Finding(check, str(error.detail), remedy)
    except DatabaseError:
        return Finding(check, "The database cannot be reached.", "Look at DATABASE_URL, then ask again.")
    return Finding(check)


def shared_secret_findings(token: str, unverified: jws.UnverifiedToken) -> Iterator[Finding]:
    """Algorithm and signature of a token under the shared secret."""
    alg = unverified.algorithm
    wrong = None if alg == settings.JWT_ALGORITHM else f"It is {alg}, expected {settings.JWT_ALGORITHM}."
    yield Finding("The algorithm is JWT_ALGORITHM", wrong, f"Set JWT_ALGORITHM={alg}.")
    yield signature_finding(current_backends(), token, SAME_VALUE)


def signature_finding(backends: Sequence[BetterAuthTokenBackend], token: str, remedy: str) -> Finding:
    """Whether the signature holds under one of `backends`."""
    findings = [found("The signature matches", partial(backend.verified, token), remedy) for backend in backends]
    return next((finding for finding in findings if finding.wrong is None), findings[0])


def public_key_findings(token: str, unverified: jws.UnverifiedToken) -> Iterator[Finding]:
    """Key and signature of a token under a key pair."""
    header, issuer = unverified.header, unverified.claims.get("iss")
    keys = current_keys()
    if keys is None:
        remedy = f"Your frontend signs with {unverified.algorithm}: set BETTER_AUTH_URL={issuer or 'its address'}."
        yield Finding("Public keys are switched on", "They are not.", remedy)
        return
    kid = header.get("kid")
    try:
        found_keys = keys.get(kid) if isinstance(kid, str) else []
    except DatabaseError:
        yield Finding("The keys can be read", "The database cannot be reached.", "Look at DATABASE_URL.")
        return
    source = "the jwks table" if settings.BETTER_AUTH_KEYS == "table" else settings.BETTER_AUTH_KEYS
    if not found_keys:
        wrong = f"The key {kid!r} is not among the {len(keys.keys)} of {source}."
        remedy = (
            "Is BETTER_AUTH_JWKS_URL (by default made of BETTER_AUTH_URL) reachable from here, and of this Better Auth?"
        )
        yield Finding("The key (kid) is published", wrong, remedy)
        return
    yield Finding("The key (kid) is published")
    matching = [key for key in found_keys if key.algorithm == unverified.algorithm]
    if not matching:
        wrong = f"The token says {unverified.algorithm}, the key is for {found_keys[0].algorithm}."
        yield Finding("The algorithm is the key's", wrong, "Nothing mends this token: sign in again.")
        return
    yield signature_finding(matching, token, "Sign in again; was the token cut or changed on its way?")


def claims_findings(claims: Claims, *, names_parties: bool) -> Iterator[Finding]:
    """What a JWT says: its times, its issuer and audience, the person, and how that person stands."""
    remedy = "Get a new token from Better Auth; if this one is new, compare the clocks of the two servers."
    yield found(
        f"It is valid now ({lifetime(claims)})",
        lambda: check_times(claims, leeway_seconds=settings.JWT_LEEWAY_SECONDS),
        remedy,
    )
    yield party_finding(claims, "iss", "BETTER_AUTH_ISSUER", settings.BETTER_AUTH_ISSUER, required=names_parties)
    yield party_finding(claims, "aud", "BETTER_AUTH_AUDIENCE", settings.BETTER_AUTH_AUDIENCE, required=names_parties)
    yield from login_findings(claims)


def party_finding(claims: Claims, claim: str, name: str, ours: list[str], *, required: bool) -> Finding:
    """Whether the issuer or the audience is ours."""
    remedy = f"It is {claims.get(claim)!r}, expected {' or '.join(ours)}: set {name}, or BETTER_AUTH_URL."
    if claim not in claims:
        remedy = f"Better Auth's jwt plugin names it by itself: is its jwt option changed, so that {claim} is left out?"
    return found(f"Its {claim} is accepted", lambda: check_party(claims, claim, ours, required=required), remedy)


def lifetime(claims: Claims) -> str:
    """From when to when a token says it is valid."""
    moments = [
        datetime.fromtimestamp(claims[name], UTC).isoformat(timespec="seconds") if is_moment(claims.get(name)) else "?"
        for name in ("iat", "exp")
    ]
    return " to ".join(moments)


def login_findings(claims: Claims) -> Iterator[Finding]:
    """Whom a JWT names and, where Better Auth's rows are here, how they stand."""
    complete = claims if is_moment(claims.get("exp")) else {**claims, "exp": 0}
    remedy = "Only `sub`, or the session cache with its session and user, names a person."
    finding = found("It is a login", lambda: login_of(complete), remedy)
    yield finding
    if finding.wrong is None and settings.BETTER_AUTH_SHARED_DATABASE:
        yield found(
            "Its user and session are there",
            lambda: standing.confirmed(login_of(complete)),
            "Sign in again. Without rows of sessions (secondaryStorage) set storeSessionInDatabase in Better Auth.",
        )


def session_findings(kind: Kind, token: str) -> Iterator[Finding]:
    """Whether a session token is accepted, genuine and of a live session."""
    session: list[SessionReference] = []
    remedy = SAME_VALUE
    if not settings.BETTER_AUTH_SHARED_DATABASE:
        remedy = "Set BETTER_AUTH_SHARED_DATABASE=true over Better Auth's database, or send a JWT."
    elif kind is Kind.RAW_SESSION:
        remedy = "Set BETTER_AUTH_RAW_SESSION_TOKENS=true, or send the token of the set-auth-token header."
    yield found("Session tokens of this kind are accepted", lambda: session.append(session_of(kind, token)), remedy)
    if session:
        yield found("Its session is there", lambda: standing.signed_in(session[0]), "Sign in again.")
