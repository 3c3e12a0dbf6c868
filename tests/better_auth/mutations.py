"""Genuine tokens of a real server, and each changed in one place and signed again where that is possible."""

import base64
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import jwt

from tests.better_auth.config import SECRET
from tests.support.tokens import mac_of, part

type JSON = dict[str, Any]
type Signer = Callable[[str, str], str]

ABSENT: Any = ...
ODD: dict[str, Any] = {"null": None, "number": 7, "empty": "", "list": [], "object": {}, "true": True}


@dataclass(frozen=True)
class Genuine:
    """A token of `kind` that Better Auth accepts, and how to sign another like it: by key pair or by secret."""

    kind: str
    header: JSON
    claims: JSON
    private: Any
    other_private: Any

    def token(self, header: JSON | None = None, claims: JSON | None = None, *, private: Any = None) -> str:
        """A token with this header and these claims, and a signature that its `alg` and the key of its kind allow."""
        header, claims = header or self.header, claims or self.claims
        signed = f"{part(given(header))}.{part(given(claims))}"
        if self.private is None:
            return f"{signed}.{mac_of(signed, SECRET)}"
        return f"{signed}.{part(jwt.get_algorithm_by_name('EdDSA').sign(signed.encode(), private or self.private))}"


def given(members: JSON) -> JSON:
    """`members` without those that are ABSENT."""
    return {name: value for name, value in members.items() if value is not ABSENT}


def read(token: str) -> tuple[JSON, JSON]:
    """Header and claims of a JWT."""
    header, claims, _ = token.split(".")
    return json.loads(base64.urlsafe_b64decode(header + "==")), json.loads(base64.urlsafe_b64decode(claims + "=="))


def mutations(genuine: Genuine) -> Iterator[tuple[str, str]]:
    """Every token to judge, by the name of its change."""
    yield "genuine", genuine.token()
    for name, header in headers(genuine.header):
        yield f"header: {name}", genuine.token(header=header)
    for name, claims in changed_claims(genuine):
        yield f"claims: {name}", genuine.token(claims=claims)
    yield from signatures(genuine)


def headers(header: JSON) -> Iterator[tuple[str, JSON]]:
    """Changes of the header."""
    for typ in (
        "JWT",
        "jwt",
        "at+jwt",
        "application/at+jwt",
        "logout+jwt",
        "better-auth.session-cache+jwt",
        "x",
        ABSENT,
    ):
        if typ != header.get("typ", ABSENT):
            yield f"typ {'absent' if typ is ABSENT else typ}", {**header, "typ": typ}
    for alg in ("none", "HS256", "HS512", "EdDSA", "Ed25519", "ES256", "RS256", ABSENT):
        if alg != header["alg"]:
            yield f"alg {'absent' if alg is ABSENT else alg}", {**header, "alg": alg}
    if "kid" in header:
        for name, kid in {**ODD, "unknown": "unknown", "absent": ABSENT}.items():
            yield f"kid {name}", {**header, "kid": kid}
    for name, value in {"crit": ["exp"], "crit unknown": ["x"], "b64": False, "zip": "DEF"}.items():
        yield name, {**header, name.split()[0]: value}
    for name in ("jwk", "jku", "x5u", "cty", "x"):
        yield name, {**header, name: "https://evil.example"}


def changed_claims(genuine: Genuine) -> Iterator[tuple[str, JSON]]:
    """Changes of the claims."""
    claims, now = genuine.claims, int(time.time())
    for claim in claims:
        if claim not in {"session", "user"}:
            yield f"{claim} absent", {**claims, claim: ABSENT}
            for name, value in ODD.items():
                yield f"{claim} {name}", {**claims, claim: value}
    for name, moment in {"past": -60, "10 s ago": -10, "20 s ago": -20, "a year ahead": 31_536_000}.items():
        yield f"exp {name}", {**claims, "exp": now + moment}
    yield "exp in milliseconds", {**claims, "exp": claims["exp"] * 1000}
    yield "exp a fraction", {**claims, "exp": claims["exp"] + 0.5}
    yield "exp text", {**claims, "exp": str(claims["exp"])}
    for claim in ("iat", "nbf"):
        for name, moment in {"10 s ahead": 10, "60 s ahead": 60, "a year ahead": 31_536_000, "past": -60}.items():
            yield f"{claim} {name}", {**claims, claim: now + moment}
        yield f"{claim} text", {**claims, claim: "soon"}
    yield from changed_names(claims)
    others = {"nonce": "n", "at_hash": "h", "acr": "0", "events": {}, "cnf": {"jkt": "x"}, "updateTo": "a@b", "x": 1}
    for claim, value in others.items():
        yield f"with {claim}", {**claims, claim: value}
    if genuine.kind == "access token":
        yield "sub is client_id", {**claims, "sub": claims["client_id"]}
        yield "no scope of ours", {**claims, "scope": "openid"}
    if "session" in claims:
        yield from changed_cache(claims)


def changed_names(claims: JSON) -> Iterator[tuple[str, JSON]]:
    """Changes of issuer, audience and subject, if there are any."""
    if "aud" in claims:
        yield "aud other", {**claims, "aud": "https://other.example"}
        yield "aud other and ours", {**claims, "aud": ["https://other.example", *listed(claims["aud"])]}
        yield "iss other", {**claims, "iss": "https://other.example"}
        yield "iss with a slash", {**claims, "iss": f"{claims['iss']}/"}
    if "sub" in claims:
        yield "sub unknown", {**claims, "sub": "nobody"}
        yield "sub with NUL", {**claims, "sub": f"{claims['sub']}\0"}
        yield "sub with white space", {**claims, "sub": f" {claims['sub']}"}


def changed_cache(claims: JSON) -> Iterator[tuple[str, JSON]]:
    """Changes inside the session and the user of a session cache."""
    yield "version other", {**claims, "version": "2"}
    for member in ("session", "user"):
        yield f"{member} absent", {**claims, member: ABSENT}
        for name, value in ODD.items():
            yield f"{member} {name}", {**claims, member: value}
    for member, names in {"session": ("id", "token", "userId", "expiresAt"), "user": ("id", "email", "name")}.items():
        for inner in names:
            yield f"{member}.{inner} absent", {**claims, member: given({**claims[member], inner: ABSENT})}
            yield f"{member}.{inner} number", {**claims, member: {**claims[member], inner: 7}}
            yield f"{member}.{inner} other", {**claims, member: {**claims[member], inner: "other"}}
    ended = {**claims["session"], "expiresAt": "2020-01-01T00:00:00.000Z"}
    yield "session.expiresAt past", {**claims, "session": ended}


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def signatures(genuine: Genuine) -> Iterator[tuple[str, str]]:
    """Changes of the signature and of the text."""
    token = genuine.token()
    signed, _, signature = token.rpartition(".")
    yield "signature: absent", f"{signed}."
    yield "signature: cut", token[:-4]
    yield "signature: one character changed", f"{signed}.{'B' if signature[0] != 'B' else 'C'}{signature[1:]}"
    yield (
        "signature: of another token",
        f"{signed}.{genuine.token(claims={**genuine.claims, 'x': 1}).rpartition('.')[2]}",
    )
    yield "signature: padded", f"{token}=="
    yield "signature: extended", f"{token}AAAA"
    yield "signature: unused bits", token[:-1] + chr(ord(token[-1]) + 1)
    if genuine.private is not None:
        yield "signature: another key", genuine.token(private=genuine.other_private)
        yield "signature: by the secret", f"{signed}.{mac_of(signed, SECRET)}"
    yield "text: a fourth part", f"{token}.x"
    yield "text: two parts", signed
    yield "text: a part empty", f".{token.partition('.')[2]}"
    yield "text: upper case", token.upper()
