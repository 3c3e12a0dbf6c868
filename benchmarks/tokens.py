"""What it costs to know who is calling: µs of one request's authentication for each kind of token.

    python -m benchmarks.tokens

First: a token that was never seen, with its signature check and its one query. Again: the same token once more.
"""

import statistics
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from benchmarks.scratch import scratch_database

ROUNDS = 300
ISSUER = "https://app.example.com"


def main() -> None:
    """Print a line for each kind."""
    with scratch_database():
        kinds = tokens()
        print(f"{'kind':32}{'first, µs':>12}{'of it CPU':>12}{'again, µs':>12}{'queries, first / again':>26}")
        for kind, (shared, token) in kinds.items():
            first, cpu, again, queries = measure(token, shared=shared)
            print(f"{kind:32}{first:12.0f}{cpu:12.0f}{again:12.1f}{queries:>26}")


def tokens() -> dict[str, tuple[bool, str]]:
    """A token of each kind, and whether its set-up shares the database; with the rows that they need."""
    import jwt
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
    from django.conf import settings
    from django.utils import timezone

    from accounts.models import Jwk, Session, User
    from accounts.tokens.sessions import signature

    secret, now = settings.BETTER_AUTH_SECRET, timezone.now()
    exp = int((now + timedelta(hours=1)).timestamp())
    ada = User.objects.create(id="ada", name="Ada", email="ada@example.com", email_verified=True)
    raw = "a1B2c3D4" * 4
    Session.objects.create(id="s1", token=raw, user=ada, expires_at=now + timedelta(hours=1), updated_at=now)
    session = {"id": "s1", "token": raw, "userId": "ada", "expiresAt": "2999-01-01T00:00:00Z"}
    user = {"id": "ada", "email": "ada@example.com", "name": "Ada"}
    cache = {"session": session, "user": user, "updatedAt": exp * 1000, "version": "1", "exp": exp}
    keys: dict[str, Any] = {
        "EdDSA": ed25519.Ed25519PrivateKey.generate(),
        "ES256": ec.generate_private_key(ec.SECP256R1()),
        "ES512": ec.generate_private_key(ec.SECP521R1()),
        "RS256": rsa.generate_private_key(65537, 2048),
        "PS256": rsa.generate_private_key(65537, 2048),
    }
    made = {
        "minted, HS256, apart": (False, jwt.encode({"sub": "bob", "exp": exp}, secret, "HS256")),
        "minted, HS256, shared": (True, jwt.encode({"sub": "ada", "exp": exp}, secret, "HS256")),
        "session cache, HS256, shared": (True, jwt.encode(cache, secret, "HS256")),
    }
    for algorithm, key in keys.items():
        public = jwt.get_algorithm_by_name(algorithm).to_jwk(key.public_key())
        Jwk.objects.create(id=algorithm, public_key=public, private_key="-", created_at=now, alg=algorithm)
        claims = {"sub": "ada", "iss": ISSUER, "aud": ISSUER, "exp": exp}
        made[f"jwt plugin, {algorithm}, shared"] = (True, jwt.encode(claims, key, algorithm, {"kid": algorithm}))
    made["signed session, shared"] = (True, f"{raw}.{signature(raw, secret)}")
    made["raw session, shared"] = (True, raw)
    return made


def measure(token: str, *, shared: bool) -> tuple[float, float, float, str]:
    """Medians in µs of the first sight, its CPU time in this process, and the next sights; the queries of each."""
    from django.db import connection
    from django.test import RequestFactory, override_settings
    from django.test.utils import CaptureQueriesContext
    from rest_framework.request import Request

    from accounts.authentication import BetterAuthAuthentication
    from accounts.tokens.cache import seen_tokens
    from accounts.tokens.seen_users import seen_users

    request = Request(RequestFactory().get("/api/ada/tasks", headers={"authorization": f"Bearer {token}"}))
    authentication = BetterAuthAuthentication()
    settings = {
        "BETTER_AUTH_SHARED_DATABASE": shared,
        "BETTER_AUTH_RAW_SESSION_TOKENS": True,
        "BETTER_AUTH_ISSUER": [ISSUER],
        "BETTER_AUTH_AUDIENCE": [ISSUER],
        "BETTER_AUTH_KEYS": "table",
    }

    def see() -> None:
        authentication.authenticate(request)

    def see_first() -> None:
        seen_tokens.clear()
        seen_users.clear()
        see()

    with override_settings(**settings):
        see_first()
        with CaptureQueriesContext(connection) as first_queries:
            see_first()
        with CaptureQueriesContext(connection) as again_queries:
            see()
        queries = f"{len(first_queries)} / {len(again_queries)}"
        return median(see_first), median(see_first, time.thread_time), median(see), queries


def median(work: Callable[[], None], clock: Callable[[], float] = time.perf_counter) -> float:
    """The median of many rounds, in µs of `clock`."""
    times = []
    for _ in range(ROUNDS):
        begun = clock()
        work()
        times.append((clock() - begun) * 1e6)
    return statistics.median(times)


if __name__ == "__main__":
    main()
