"""The checks of a token one by one, each with what is wrong and what to change where."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

from django.conf import settings
from django.db import DatabaseError, connection
from rest_framework.exceptions import APIException

from accounts.better_auth_tables import missing_rows
from accounts.caller import Login, SessionReference
from accounts.exceptions import InvalidToken, KeysUnavailable
from accounts.resource import SCOPES
from accounts.tokens import sessions
from accounts.tokens.claims import Claims, Parties, check_party, check_times, is_timestamp
from accounts.tokens.jwks import current_keys
from accounts.tokens.jwt import UnverifiedToken, current_secret_key, secret_key
from accounts.tokens.secret_variants import matching_variant
from accounts.tokens.verify import LOGINS, Kind, parties_of, verify_session_token
from accounts.users import USER_IS_BANNED, USER_IS_BLOCKED, find_caller

SAME_VALUE = "Give BETTER_AUTH_SECRET (or BETTER_AUTH_SECRETS) the value that your Better Auth server has."
SIGN_IN_AGAIN = (
    "Sign in again. As in Better Auth, only the current secret verifies anything; retired ones may have leaked."
)
KEYS_REMEDY = (
    "Check that this server can reach BETTER_AUTH_JWKS_URL (by default BETTER_AUTH_URL with /api/auth/jwks), "
    "and that it belongs to this Better Auth."
)
DATABASE_IS_AWAY = "The database cannot be reached."
# Nobody who is locked out is helped by signing in again.
LOCKED_OUT = {
    USER_IS_BANNED: (
        "Signing in again does not help. `manage.py person` says until when and why. Lift the ban in Better Auth "
        "(unbanUser of its admin plugin), or on the person's page in the admin of this API."
    ),
    USER_IS_BLOCKED: (
        "Signing in again does not help. `manage.py person` says who has blocked them and why. Lift the block on the "
        "person's page in the admin of this API."
    ),
}
MILLISECONDS = 100_000_000_000  # In seconds, that is the year 5138; in milliseconds, 1973.


@dataclass(frozen=True, slots=True)
class Finding:
    """One check. wrong: None if it passed. status: what a request is answered if it fails."""

    check: str
    wrong: str | None = None
    remedy: str = ""
    status: int = 401


def finding_of(check: str, run: Callable[[], object], remedy: str) -> Finding:
    """Run a check that raises InvalidToken if it fails."""
    try:
        run()
    except APIException as error:
        return Finding(check, str(error.detail), remedy, error.status_code)
    except DatabaseError:
        return Finding(check, DATABASE_IS_AWAY, "Check DATABASE_URL, then try again.", 503)
    return Finding(check)


def secret_findings(jwt: UnverifiedToken) -> Iterator[Finding]:
    """Check algorithm and signature of a token signed with the shared secret."""
    alg = jwt.algorithm
    wrong = None if alg == settings.JWT_ALGORITHM else f"It is {alg}, expected {settings.JWT_ALGORITHM}."
    yield Finding("The algorithm is JWT_ALGORITHM", wrong, f"Set JWT_ALGORITHM={alg}.")
    retired = [version for version, secret in settings.BETTER_AUTH_RETIRED_SECRETS.items() if has_signed(secret, jwt)]
    if retired:
        yield Finding("The signature matches", retired_message(retired[0]), SIGN_IN_AGAIN)
        return
    finding = finding_of("The signature matches", lambda: current_secret_key().verify(jwt), SAME_VALUE)
    yield with_variant(finding, partial(has_signed, jwt=jwt))


def with_variant(finding: Finding, has_signed: Callable[[bytes], bool]) -> Finding:
    """Return `finding` of a signature, with how the two secrets differ if that can be found out."""
    difference = matching_variant(has_signed) if finding.wrong and settings.BETTER_AUTH_SECRET else None
    if difference is None:
        return finding
    remedy = f"Better Auth's server has {difference}. Give both exactly the same characters."
    return Finding(finding.check, finding.wrong, remedy)


def has_signed(secret: str | bytes, jwt: UnverifiedToken) -> bool:
    try:
        secret_key(secret, settings.JWT_ALGORITHM).verify(jwt)
    except InvalidToken:
        return False
    return True


def retired_message(version: str) -> str:
    return f"It is signed with secret {version}, which is retired."


def public_key_findings(jwt: UnverifiedToken) -> Iterator[Finding]:
    """Check key and signature of a token signed with a key pair."""
    keys = current_keys()
    if keys is None:
        issuer = jwt.claims.get("iss")
        remedy = f"Your frontend signs with {jwt.algorithm}: set BETTER_AUTH_URL={issuer or 'its URL'}."
        yield Finding("Public keys are switched on", "They are not.", remedy)
        return
    source = "the jwks table" if settings.BETTER_AUTH_KEYS == "table" else settings.BETTER_AUTH_KEYS
    kid = jwt.header.get("kid")
    try:
        named = keys.get(kid) if isinstance(kid, str) and kid else []
    except DatabaseError:
        yield Finding("The keys can be read", DATABASE_IS_AWAY, "Check DATABASE_URL.", 503)
        return
    except KeysUnavailable as error:
        wrong = f"{source} does not answer with keys, and no key {kid!r} is stored."
        yield Finding("The keys can be read", wrong, KEYS_REMEDY, error.status_code)
        return
    if not named:
        wrong = f"The key {kid!r} is not among the {len(keys.keys)} of {source}."
        yield Finding("The key (kid) is published", wrong, KEYS_REMEDY)
        return
    yield Finding("The key (kid) is published")
    matching = [key for key in named if key.algorithm == jwt.algorithm]
    if not matching:
        wrong = f"The token says {jwt.algorithm}, but the key is for {named[0].algorithm}."
        yield Finding("The algorithm is the key's", wrong, "This token can never be valid: sign in again.")
        return
    remedy = "Sign in again, and check that the token is not cut or changed on its way."
    yield finding_of("The signature matches", partial(matching[0].verify, jwt), remedy)


def claims_findings(kind: Kind, claims: Claims) -> Iterator[Finding]:
    """Check what a JWT says: its times, its parties, the user, and the user's rows."""
    yield finding_of(f"It is valid now ({lifetime(claims)})", partial(check_times, claims), remedy_for_times(claims))
    parties = parties_of(kind)
    yield party_finding(claims, "iss", parties)
    yield party_finding(claims, "aud", parties)
    complete = claims if is_timestamp(claims.get("exp")) else {**claims, "exp": 0}
    logins: list[Login] = []
    yield finding_of("It is a login", lambda: logins.append(LOGINS[kind](complete)), remedy_for_login(claims))
    for login in logins:
        if settings.BETTER_AUTH_SHARED_DATABASE:
            remedy = "Sign in again. If sessions have no rows (secondaryStorage, API keys), sign the token without sid."
            yield row_finding("Its user and session exist", login, remedy)
        if login.caller and login.caller.scopes is not None:
            yield scope_finding(login.caller.scopes)


def remedy_for_times(claims: Claims) -> str:
    for name in ("exp", "iat", "nbf"):
        value = claims.get(name)
        if isinstance(value, int | float) and value > MILLISECONDS:
            return f"{name} is in milliseconds: JWTs have seconds, Math.floor(Date.now() / 1000)."
    return "Get a new token from Better Auth. If this one is new, compare the clocks of the two servers."


def remedy_for_login(claims: Claims) -> str:
    user = claims.get("sub")
    if isinstance(user, int | float) and not isinstance(user, bool):
        return f"sub is the number {user}: it must be a text, .setSubject(String(user.id))."
    if not {"nonce", "at_hash", "c_hash", "acr", "events"}.isdisjoint(claims):
        return "Send the access token (with a `resource`), or the token of the jwt plugin."
    if "session" in claims and "version" in claims:
        return "Sign in again, or set BETTER_AUTH_COOKIE_CACHE_VERSION to Better Auth's session.cookieCache.version."
    return "Only `sub`, or the session cache with its session and user, names a user."


def scope_finding(scopes: frozenset[str]) -> Finding:
    """Check whether an OAuth client may do anything here."""
    check = f"Its scopes open something ({' '.join(sorted(scopes)) or 'none'})"
    if not scopes.isdisjoint(SCOPES):
        return Finding(check)
    remedy = f"Ask for one of {', '.join(SCOPES)} at the sign-in."
    return Finding(check, "None of them opens anything here.", remedy, 403)


def party_finding(claims: Claims, claim: str, parties: Parties) -> Finding:
    """Check the issuer or the audience."""
    accepted = parties.issuers if claim == "iss" else parties.audiences
    setting = "BETTER_AUTH_ISSUER" if claim == "iss" else "BETTER_AUTH_AUDIENCE"
    remedy = f"It is {claims.get(claim)!r}, expected {' or '.join(accepted)}: set {setting}, or BETTER_AUTH_URL."
    if claim not in claims:
        remedy = f"Better Auth's jwt plugin adds it by default: check its jwt option for a change that removes {claim}."
    return finding_of(f"Its {claim} is accepted", partial(check_party, claims, claim, parties), remedy)


def lifetime(claims: Claims) -> str:
    """Return from when to when a token says it is valid."""
    times = [
        datetime.fromtimestamp(claims[name], UTC).isoformat(timespec="seconds")
        if is_timestamp(claims.get(name))
        else "?"
        for name in ("iat", "exp")
    ]
    return " to ".join(times)


def session_findings(kind: Kind, token: str) -> Iterator[Finding]:
    """Check whether a session token is accepted, genuine, and of a live session."""
    check, remedy = "Session tokens of this kind are accepted", SAME_VALUE
    if not settings.BETTER_AUTH_SHARED_DATABASE:
        remedy = "Set BETTER_AUTH_SHARED_DATABASE=true with Better Auth's database, or send a JWT."
    elif kind is Kind.RAW_SESSION:
        remedy = "Set BETTER_AUTH_RAW_SESSION_TOKENS=true, or send the token of the set-auth-token header."
    elif version := retired_version_of(token):
        yield Finding(check, retired_message(version), SIGN_IN_AGAIN)
        return
    found: list[SessionReference] = []
    finding = finding_of(check, lambda: found.append(verify_session_token(kind, token)), remedy)
    is_signature = kind is Kind.SIGNED_SESSION and settings.BETTER_AUTH_SHARED_DATABASE
    yield with_variant(finding, partial(sessions.is_signed_by, token)) if is_signature else finding
    if found:
        remedy = "Sign in again."
        if kind is Kind.RAW_SESSION:
            remedy += " If this is an opaque OAuth access token, ask for a JWT: name this API as `resource`."
        yield row_finding("Its session exists", Login(None, found[0]), remedy)


def row_finding(check: str, login: Login, remedy: str) -> Finding:
    """Check the rows of a login. If nobody has such rows, say so instead of what this login lacks."""
    finding = finding_of(check, partial(find_caller, login), remedy)
    if finding.wrong in LOCKED_OUT:
        return replace(finding, remedy=LOCKED_OUT[finding.wrong])
    if finding.wrong in {None, DATABASE_IS_AWAY}:
        return finding
    with contextlib.suppress(DatabaseError):
        if cause := missing_rows(connection):
            return Finding(check, *cause)
    return finding


def retired_version_of(token: str) -> str | None:
    """Return the version of the retired secret that signed a session token, or None."""
    retired = settings.BETTER_AUTH_RETIRED_SECRETS
    return next((version for version, secret in retired.items() if sessions.is_signed_by(token, secret)), None)
