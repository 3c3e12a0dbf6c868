"""Why a token is accepted or refused: each check by itself, with a remedy.

It calls the same functions as a request, one by one instead of up to the first refusal. It writes
nothing but public keys that it has fetched.
"""

import base64
import binascii
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.db import DatabaseError

from accounts.caller import Login, SessionReference
from accounts.exceptions import InvalidToken, KeysUnavailable
from accounts.tokens import sessions
from accounts.tokens.claims import Claims, Parties, check_party, check_times, is_timestamp
from accounts.tokens.jwks import current_keys
from accounts.tokens.jwt import UnverifiedToken, current_secret_key, parse, secret_key
from accounts.tokens.verify import LOGINS, Kind, identify, parties_of, verify_session_token
from accounts.users import find_caller

SAME_VALUE = "Give BETTER_AUTH_SECRET (or BETTER_AUTH_SECRETS) the value that your Better Auth server has."
SIGN_IN_AGAIN = (
    "Sign in again. As in Better Auth, only the current secret verifies anything; retired ones may have leaked."
)
KEYS_REMEDY = (
    "Check that this server can reach BETTER_AUTH_JWKS_URL (by default BETTER_AUTH_URL with /api/auth/jwks), "
    "and that it belongs to this Better Auth."
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One check. wrong: None if it passed."""

    check: str
    wrong: str | None = None
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """header and claims are None if the token has none, or none that can be read."""

    kind: str
    header: dict[str, Any] | None
    claims: dict[str, Any] | None
    findings: list[Finding]

    @property
    def is_accepted(self) -> bool:
        """Return whether a request with this token would be accepted."""
        return all(finding.wrong is None for finding in self.findings)


def explain(token: str) -> Explanation:
    """Check `token` as a request would. Asks the database and the JWKS endpoint if they can be reached."""
    try:
        kind, jwt = identify(token)
    except InvalidToken as error:
        return explain_unknown(token, str(error.detail))
    if jwt is None:
        return Explanation(kind, None, None, list(session_findings(kind, token)))
    findings = [Finding("The header is that of a signed JWT")]
    findings += secret_findings(jwt) if kind is Kind.SHARED_SECRET else public_key_findings(jwt)
    findings += claims_findings(kind, jwt.claims)
    return Explanation(kind, jwt.header, without_credentials(jwt.claims), findings)


def explain_unknown(token: str, wrong: str) -> Explanation:
    """Explain a token of a kind that is not accepted: what it is instead, if that can be recognized."""
    if token.count(".") == 4:
        remedy = 'It is encrypted (JWE). Set session.cookieCache.strategy to "jwt" in Better Auth.'
        return Explanation("an encrypted session cache", None, None, [Finding("Kind", wrong, remedy)])
    if is_compact_cache(token):
        remedy = 'Set session.cookieCache.strategy to "jwt" in Better Auth: its default, "compact", is not a JWT.'
        return Explanation("a compact session cache", None, None, [Finding("Kind", wrong, remedy)])
    if token in {"undefined", "null"}:  # How JavaScript prints a missing cookie or variable.
        remedy = "The app had no token to send: request one first, and sign in if there is no session."
        return Explanation("no token", None, None, [Finding("Kind", wrong, remedy)])
    try:
        jwt = parse(token)
    except InvalidToken:
        remedy = "Send what Better Auth issued, complete: a JWT, or the signed session token."
        return Explanation("nothing that Better Auth issues", None, None, [Finding("Kind", wrong, remedy)])
    finding = Finding("The header is that of a signed JWT", wrong, "Send a login token: this is something else.")
    return Explanation("a JWT of a kind not accepted", jwt.header, without_credentials(jwt.claims), [finding])


def is_compact_cache(token: str) -> bool:
    """Return whether `token` is Better Auth's compact cookie cache: base64url of JSON that contains its signature."""
    try:
        content = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return False
    return isinstance(content, dict) and {"session", "signature"} <= content.keys()


def without_credentials(claims: dict[str, Any]) -> dict[str, Any]:
    """Return `claims` without the session's token, which is a credential."""
    session = claims.get("session")
    if not isinstance(session, dict) or "token" not in session:
        return claims
    return {**claims, "session": {**session, "token": "(left out)"}}


def finding_of(check: str, run: Callable[[], object], remedy: str) -> Finding:
    """Run a check that raises InvalidToken if it fails."""
    try:
        run()
    except InvalidToken as error:
        return Finding(check, str(error.detail), remedy)
    except DatabaseError:
        return Finding(check, "The database cannot be reached.", "Check DATABASE_URL, then try again.")
    return Finding(check)


def secret_findings(jwt: UnverifiedToken) -> Iterator[Finding]:
    """Check algorithm and signature of a token signed with the shared secret."""
    alg = jwt.algorithm
    wrong = None if alg == settings.JWT_ALGORITHM else f"It is {alg}, expected {settings.JWT_ALGORITHM}."
    yield Finding("The algorithm is JWT_ALGORITHM", wrong, f"Set JWT_ALGORITHM={alg}.")
    retired = [version for version, secret in settings.BETTER_AUTH_RETIRED_SECRETS.items() if has_signed(secret, jwt)]
    if retired:
        yield Finding("The signature matches", retired_message(retired[0]), SIGN_IN_AGAIN)
    else:
        yield finding_of("The signature matches", partial(current_secret_key().verify, jwt), SAME_VALUE)


def has_signed(secret: str, jwt: UnverifiedToken) -> bool:
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
    kid = jwt.header.get("kid")
    source = "the jwks table" if settings.BETTER_AUTH_KEYS == "table" else settings.BETTER_AUTH_KEYS
    try:
        named = keys.get(kid) if isinstance(kid, str) else []
    except DatabaseError:
        yield Finding("The keys can be read", "The database cannot be reached.", "Check DATABASE_URL.")
        return
    except KeysUnavailable:
        wrong = f"{source} does not answer with keys, and none called {kid!r} is stored. A request is answered 503."
        yield Finding("The keys can be read", wrong, KEYS_REMEDY)
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
    remedy = "Get a new token from Better Auth. If this one is new, compare the clocks of the two servers."
    yield finding_of(f"It is valid now ({lifetime(claims)})", partial(check_times, claims), remedy)
    parties = parties_of(kind)
    yield party_finding(claims, "iss", parties)
    yield party_finding(claims, "aud", parties)
    complete = claims if is_timestamp(claims.get("exp")) else {**claims, "exp": 0}
    logins: list[Login] = []
    remedy = "Only `sub`, or the session cache with its session and user, names a user."
    yield finding_of("It is a login", lambda: logins.append(LOGINS[kind](complete)), remedy)
    if logins and settings.BETTER_AUTH_SHARED_DATABASE:
        remedy = "Sign in again. If sessions have no rows (secondaryStorage), set storeSessionInDatabase there."
        yield finding_of("Its user and session exist", partial(find_caller, logins[0]), remedy)


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
    yield finding_of(check, lambda: found.append(verify_session_token(kind, token)), remedy)
    if found:
        yield finding_of("Its session exists", partial(find_caller, Login(None, found[0])), "Sign in again.")


def retired_version_of(token: str) -> str | None:
    """Return the version of the retired secret that signed a session token, or None."""
    retired = settings.BETTER_AUTH_RETIRED_SECRETS
    return next((version for version, secret in retired.items() if sessions.is_signed_by(token, secret)), None)
