"""Where the public keys of Better Auth's jwt plugin come from: its table, or the URL where it publishes them."""

import functools
import json
import time
import urllib.request
from datetime import timedelta
from http.client import HTTPResponse
from typing import Any
from urllib.error import HTTPError

from django.conf import settings
from django.db import ProgrammingError
from django.db.models.functions import Now
from psycopg.errors import UndefinedTable

from accounts.models import Jwk
from accounts.tokens.jwk import verification_keys
from accounts.tokens.key_sets import JWKs, KeySet
from accounts.tokens.key_store import KeyStore

FETCH_TIMEOUT_SECONDS = 5.0  # A serverless Better Auth takes seconds to wake up. No request waits for that long.
MAX_DOCUMENT_BYTES = 1024 * 1024
FETCH_INTERVAL_SECONDS = 0.5
READ_INTERVAL_SECONDS = 0.25
MAX_WAITING = 32
TABLE = "table"
GRACE_PERIOD = timedelta(days=30)  # Better Auth's default of `gracePeriod`.


def from_table() -> JWKs:
    """Return the keys of Better Auth's own table, if it shares this database. Private keys are not read.

    Better Auth never deletes rows: a replaced key is valid for as long as Better Auth publishes it.
    """
    rows = Jwk.objects.values_list("id", "public_key", "alg", "crv").exclude(expires_at__lte=Now() - GRACE_PERIOD)
    try:
        return [jwk for row in rows if (jwk := jwk_of_row(*row))]
    except ProgrammingError as error:
        if isinstance(error.__cause__, UndefinedTable):  # Better Auth has no jwt plugin.
            return []
        raise


def jwk_of_row(kid: str, public_key: str, alg: str | None, crv: str | None) -> dict[str, Any] | None:
    """Return the JWK of a row. Its JSON has neither `kid` nor `alg`; the JWKS endpoint adds them from the columns."""
    try:
        jwk = json.loads(public_key)
    except (ValueError, RecursionError):
        return None
    return {**jwk, "kid": kid, **({"alg": alg} if alg else {})} if isinstance(jwk, dict) else None


class NoRedirects(urllib.request.HTTPRedirectHandler):
    """Refuses redirects: whoever controls one could publish keys of their own."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None  # urllib then raises HTTPError with the status of the redirect.


opener = urllib.request.build_opener(NoRedirects)


def from_url(url: str) -> JWKs:
    """Return the usable keys that Better Auth publishes at `url`. Raises one of SOURCE_UNAVAILABLE (key_sets.py).

    A set without a usable key is an error, too: Better Auth publishes at least one, a proxy or a wrong URL may not.
    """
    request = urllib.request.Request(url, headers={"Accept": "application/json", "User-Agent": "todo-api"})  # noqa: S310  The settings only accept http and https.
    try:
        with opener.open(request, timeout=FETCH_TIMEOUT_SECONDS) as response:
            document = json.loads(read_with_deadline(response))
    except HTTPError as error:
        error.close()  # It is a response, too, and holds a connection.
        raise
    if not isinstance(document, dict) or not isinstance(document.get("keys"), list):
        raise ValueError("not a JWK Set")
    keys = [jwk for jwk in document["keys"] if verification_keys(jwk)]
    if not keys:
        raise ValueError("a JWK Set without a key that verifies signatures")
    return keys


def read_with_deadline(response: HTTPResponse) -> bytes:
    """Return the body. Raises ValueError if it is too large or too slow: a socket's timeout applies to each packet."""
    deadline = time.monotonic() + FETCH_TIMEOUT_SECONDS
    content = bytearray()
    while packet := response.read1(MAX_DOCUMENT_BYTES):
        content += packet
        if len(content) > MAX_DOCUMENT_BYTES or time.monotonic() > deadline:
            raise ValueError("too large or too slow")
    return bytes(content)


@functools.cache
def key_set(source: str) -> KeySet:
    """Return the key set of `source`: TABLE, or the URL of a JWK Set."""
    # Most threads, and no more: those that are left serve everybody whose key is known.
    max_waiting = max(1, min(MAX_WAITING, settings.THREADS * 3 // 4))
    if source == TABLE:
        return KeySet(from_table, interval_seconds=READ_INTERVAL_SECONDS, max_waiting=max_waiting)
    return KeySet(
        functools.partial(from_url, source),
        interval_seconds=FETCH_INTERVAL_SECONDS,
        max_waiting=max_waiting,
        is_background=True,
        store=KeyStore(source),
    )


def current_keys() -> KeySet | None:
    """Return the key set of the settings; None if public-key tokens are switched off."""
    return key_set(settings.BETTER_AUTH_KEYS) if settings.BETTER_AUTH_KEYS else None
