"""Why a token is accepted or refused: each check by itself, with a remedy.

It calls the same functions as a request, one by one instead of up to the first refusal. It writes
nothing but public keys that it has fetched.
"""

import base64
import binascii
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from rest_framework.exceptions import NotAuthenticated

from accounts.exceptions import InvalidToken
from accounts.tokens import access_tokens
from accounts.tokens.findings import Finding, claims_findings, public_key_findings, secret_findings, session_findings
from accounts.tokens.header import bearer_token
from accounts.tokens.jwt import UnverifiedToken, parse
from accounts.tokens.verify import Kind, identify

MAX_HEADER_BYTES = 64 * 1024  # granian's limit (todo_project/server/granian_server.py), of all headers together.
# nginx, Apache and others read 8 KiB of a header line with its line break; gunicorn reads 32 (gunicorn.conf.py).
LONG_HEADER_BYTES = 8190
WHO_DOES_NOT = f"many proxies read {LONG_HEADER_BYTES} of a header, and answer 431 or 400"
HEADER = "Authorization: "
FIELD = re.compile(r"authorization\s*:\s*", re.IGNORECASE)
API_KEY = re.compile(r"[A-Za-z0-9_-]{0,32}[A-Za-z]{64}")


@dataclass(frozen=True, slots=True)
class Explanation:
    """header and claims are None if the token has none, or none that can be read."""

    kind: str
    header: dict[str, Any] | None
    claims: dict[str, Any] | None
    findings: list[Finding]

    @property
    def status(self) -> int:
        """Return the status that a request for the user's tasks gets: 200, or that of the first failed check."""
        return next((finding.status for finding in self.findings if finding.wrong is not None), 200)

    @property
    def is_accepted(self) -> bool:
        return self.status == 200


def explain(text: str) -> Explanation:
    """Check a token, or an Authorization header, as a request would.

    Asks the database and the JWKS endpoint if they can be reached.
    """
    value, is_header = FIELD.subn("", text.strip(), count=1)
    if not is_header and not any(separator in value for separator in " ,"):
        value = f"Bearer {value}"
    length = len(f"{HEADER}{value}\r\n".encode("latin-1", "replace"))
    if length > MAX_HEADER_BYTES:
        return refused("a header that is too long", "The header is short enough", *too_long(length), status=431)
    try:
        token = bearer_token(value.encode("latin-1", "replace"))
    except InvalidToken as error:
        remedy = "Send one token without spaces or commas."
        return refused("not one token", "The Authorization header has one token", str(error.detail), remedy)
    except NotAuthenticated:
        token = None
    if token is None:
        scheme, _, rest = value.partition(" ")
        wrong = f"Its scheme is {scheme}, which this API does not read." if rest else "It has no scheme, only a token."
        return refused("no bearer token", "The scheme is Bearer", wrong, "Send Authorization: Bearer <token>.")
    explanation = explain_token(token.decode("latin-1"))
    if length > LONG_HEADER_BYTES:
        explanation.findings.insert(0, Finding(f"granian reads its {length} bytes; {WHO_DOES_NOT}"))
    return explanation


def too_long(length: int) -> tuple[str, str]:
    """Return what is wrong with a header of `length` bytes, and a remedy."""
    return (
        f"It has {length} bytes, and granian reads {MAX_HEADER_BYTES}: the server answers 431 before this API.",
        "Put less into the token: name only email, name and sid in definePayload, or do not store images in the user.",
    )


def refused(kind: str, check: str, wrong: str, remedy: str, *, status: int = 401) -> Explanation:
    return Explanation(kind, None, None, [Finding(check, wrong, remedy, status)])


def explain_token(token: str) -> Explanation:
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
        return refused("an encrypted session cache", "Kind", wrong, remedy)
    if is_compact_cache(token):
        remedy = 'Set session.cookieCache.strategy to "jwt" in Better Auth: its default, "compact", is not a JWT.'
        return refused("a compact session cache", "Kind", wrong, remedy)
    if token in {"undefined", "null"}:  # How JavaScript prints a missing cookie or variable.
        remedy = "The app had no token to send: request one first, and sign in if there is no session."
        return refused("no token", "Kind", wrong, remedy)
    if API_KEY.fullmatch(token):
        remedy = (
            "This API takes no API keys. Send it to your own server as x-api-key, let auth.api.getSession exchange it, "
            "and sign a token there (docs/better-auth.md)."
        )
        return refused("an API key of Better Auth's api-key plugin", "Kind", wrong, remedy)
    try:
        jwt = parse(token)
    except InvalidToken:
        remedy = "Send what Better Auth issued, complete: a JWT, or the signed session token."
        return refused("nothing that Better Auth issues", "Kind", wrong, remedy)
    finding = Finding("The header is that of a login", wrong, remedy_for_type(jwt))
    return Explanation("a JWT of a kind not accepted", jwt.header, without_credentials(jwt.claims), [finding])


def remedy_for_type(jwt: UnverifiedToken) -> str:
    """Return what to do about a JWT whose header is not accepted."""
    if jwt.type in access_tokens.TYPES and not settings.BETTER_AUTH_RESOURCE:
        audiences = jwt.claims.get("aud")
        named: Iterable[object] = audiences if isinstance(audiences, list) else [audiences]
        resource = next((party for party in named if party and not str(party).endswith("/userinfo")), "its URL")
        return f"It is an OAuth access token: set BETTER_AUTH_RESOURCE={resource} if that is this API."
    return "Send a login token: this is something else."


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
    hidden = {"session": {**session, "token": "(left out)"}}
    return {**claims, **hidden, **({"sid": "(left out)"} if claims.get("sid") == session["token"] else {})}
