"""Where this API judges a token otherwise than Better Auth's own verifier, in which direction, and why.

stricter: Better Auth accepts it, and this API does not. laxer: the other way round. The names are those of
mutations.py.
"""

from dataclasses import dataclass
from typing import Literal

ALL = ("jwt plugin", "session cache", "session cache by key", "access token")
CACHES = ("session cache", "session cache by key")
BY_KEY = ("jwt plugin", "session cache by key", "access token")


@dataclass(frozen=True)
class Difference:
    """Changes of tokens on which the two disagree, for one reason."""

    kinds: tuple[str, ...]
    changes: tuple[str, ...]
    direction: Literal["stricter", "laxer"]
    reason: str


NAMED = [
    Difference(
        ("jwt plugin", "session cache"),
        (
            "header: typ at+jwt",
            "header: typ application/at+jwt",
            "header: typ logout+jwt",
            "header: typ better-auth.session-cache+jwt",
            "header: typ x",
        ),
        "stricter",
        "A type says what a token is for (RFC 8725, section 3.11). Better Auth never puts one into these tokens, and "
        "signs access tokens, logout tokens and session caches with the same keys.",
    ),
    Difference(
        ("access token",),
        (
            "header: typ JWT",
            "header: typ jwt",
            "header: typ logout+jwt",
            "header: typ better-auth.session-cache+jwt",
            "header: typ x",
            "header: typ absent",
        ),
        "stricter",
        "An access token has the type at+jwt (RFC 9068, section 4), which Better Auth always writes.",
    ),
    Difference(
        ALL,
        ("header: b64", "header: zip", "header: jwk", "header: jku", "header: x5u"),
        "stricter",
        "Headers that bring or point to a key, or ask for processing, are refused and not ignored "
        "(RFC 8725, section 3.10). Better Auth never writes them.",
    ),
    Difference(
        ("access token",),
        ("header: kid absent",),
        "stricter",
        "Without a key id every key would be tried. Better Auth always writes it.",
    ),
    Difference(
        ALL,
        ("claims: exp absent",),
        "stricter",
        "A token without an expiry could not be ended. All of Better Auth's have it.",
    ),
    Difference(
        ALL,
        ("claims: exp in milliseconds",),
        "stricter",
        "A time after the year 9999 cannot be stored as a timestamp, and is a mistake: JWTs have seconds.",
    ),
    Difference(
        ("jwt plugin", "session cache", "access token"),
        ("claims: exp 10 s ago", "claims: nbf 10 s ahead"),
        "laxer",
        "The clocks of two servers differ: 15 s are allowed for. Better Auth compares with the clock that it signed "
        "by, and where it expects another server (session cache by key), it allows for 15 s, too.",
    ),
    Difference(
        ("jwt plugin", "access token"),
        ("claims: sub number", "claims: sub list", "claims: sub object", "claims: sub true"),
        "stricter",
        "A user's id is text. Better Auth returns whatever is in `sub` and leaves the rest to its caller.",
    ),
    Difference(("access token",), ("claims: sub empty",), "stricter", "An empty text names no user."),
    Difference(
        ("jwt plugin", "access token"),
        ("claims: sub unknown", "claims: sub with NUL", "claims: sub with white space"),
        "stricter",
        "If the database is shared, the user's row decides. Better Auth's verifier of JWTs asks no table.",
    ),
    Difference(
        ALL,
        ("claims: with nonce", "claims: with at_hash", "claims: with events"),
        "stricter",
        "Only ID tokens and logout tokens have these, which the same keys sign.",
    ),
    Difference(
        ("jwt plugin", *CACHES),
        ("claims: with acr", "claims: with cnf", "claims: with updateTo"),
        "stricter",
        "Only ID tokens, tokens bound to a key and email verifications have these. (In an access token `acr` is "
        "allowed, and `cnf` refused by Better Auth, too.)",
    ),
    Difference(
        BY_KEY,
        ("signature: padded",),
        "stricter",
        "A JWT has one spelling (RFC 7515, section 2): base64url without padding.",
    ),
    Difference(
        ALL,
        ("signature: unused bits",),
        "stricter",
        "The same: the last character has unused bits, which must be zero. Otherwise one token has several texts.",
    ),
    Difference(
        CACHES,
        ("claims: session.userId number", "claims: session.userId other"),
        "stricter",
        "The session must be one of the user: what the user's row says would otherwise not be about its caller.",
    ),
    Difference(
        ("session cache",),
        ("claims: session.token other", "claims: user.id other"),
        "stricter",
        "If the database is shared, the rows of session and user decide.",
    ),
    Difference(
        ("access token",),
        (
            *(f"claims: client_id {odd}" for odd in ("null", "number", "empty", "list", "object", "true")),
            *(f"claims: azp {odd}" for odd in ("list", "object")),
            *(f"claims: sid {odd}" for odd in ("null", "number", "empty", "list", "object", "true")),
        ),
        "stricter",
        "These are ids, and so texts (RFC 9068, section 2.2). Better Auth's verifier hands them on unread.",
    ),
    Difference(
        ("access token",),
        ("claims: sub is client_id",),
        "stricter",
        "Such a token is a client's own (client_credentials), and no user has given it anything.",
    ),
    Difference(
        ("access token",),
        ("claims: scope empty",),
        "laxer",
        "Without a scope the token opens nothing: each request is answered 403, which says what to ask for.",
    ),
]
# What happened to the user or the session: the kinds of tokens that end here and not in Better Auth's verifiers, which
# ask no table about them until the cache or the token expires.
STATES = {
    "signed out": ("session cache", "session cache by key", "access token"),
    "banned": ("jwt plugin", "session cache", "session cache by key", "access token"),
    "deleted": ("jwt plugin", "session cache", "session cache by key", "access token"),
}


def differences_of(kind: str) -> dict[str, str]:
    """The direction of each named difference of `kind`, by the name of its change."""
    return {
        change: difference.direction
        for difference in NAMED
        if kind in difference.kinds
        for change in difference.changes
    }
