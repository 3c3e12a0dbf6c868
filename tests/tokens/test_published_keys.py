"""A published key counts where it is a sound public key for signatures of a kind that we know, and else is none."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from pytest_django.fixtures import Settings

from accounts.models import Jwk
from accounts.tokens.jwk import keys_by_kid, verification_keys
from tests.support.tokens import (
    ALGORITHMS,
    JSON,
    Key,
    answer_to,
    assert_login,
    assert_refused,
    by_secret,
    key,
    part,
    plugin,
    share_database,
)

CURVE = 2**255 - 19  # the prime of Ed25519
ORDER_EIGHT = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7


def changed(algorithm: str, **members: Any) -> JSON:
    """A published key with some fields changed; `...` leaves one out."""
    return {name: value for name, value in {**key(algorithm).published, **members}.items() if value is not ...}


def point(y: int) -> str:
    """A public key of Ed25519 by its coordinate."""
    return part(y.to_bytes(32, "little"))


def number(value: int) -> str:
    """A number as JWKs have them."""
    return part(value.to_bytes((value.bit_length() + 7) // 8 or 1))


def small(bits: int) -> JSON:
    """An RSA key that is too short."""
    return Key("small", "RS256", rsa.generate_private_key(65537, bits)).published


NO_KEYS: dict[str, Callable[[], Any]] = {
    "for encryption": lambda: changed("RS256", use="enc"),
    "for encryption, EC": lambda: changed("ES256", use="enc"),
    "use null": lambda: changed("ES256", use=None),
    "key_ops without verify": lambda: changed("RS256", key_ops=["encrypt"]),
    "key_ops empty": lambda: changed("ES256", key_ops=[]),
    "key_ops for signing": lambda: changed("ES256", key_ops=["sign"]),
    "key_ops no list": lambda: changed("ES256", key_ops=5),
    "key_ops text": lambda: changed("ES256", key_ops="verify"),
    "key_ops null": lambda: changed("ES256", key_ops=None),
    "algorithm of another curve": lambda: changed("ES256", alg="ES512"),
    "algorithm of another kind": lambda: changed("ES256", alg="EdDSA"),
    "algorithm for encryption": lambda: changed("RS256", alg="RSA1_5"),
    "algorithm unknown": lambda: changed("ES256", alg="ES224"),
    "algorithm not of Better Auth": lambda: changed("RS256", alg="RS512"),
    "algorithm HS256": lambda: changed("RS256", alg="HS256"),
    "algorithm none": lambda: changed("RS256", alg="none"),
    "algorithm no text": lambda: changed("RS256", alg=["RS256"]),
    "another curve": lambda: changed("ES256", crv="P-384"),
    "another curve of that size": lambda: changed("ES256", crv="secp256k1"),
    "curve missing": lambda: changed("ES256", crv=...),
    "curve no text": lambda: changed("ES256", crv=["P-256"]),
    "curve for agreement": lambda: changed("EdDSA", crv="X25519"),
    "another kind": lambda: changed("ES256", kty="RSA"),
    "kind missing": lambda: changed("ES256", kty=...),
    "kind no text": lambda: changed("ES256", kty={"EC": 1}),
    "a point beside the curve": lambda: changed("ES256", y=key("ES256").published["x"]),
    "a coordinate missing": lambda: changed("ES256", y=...),
    "a coordinate cut": lambda: changed("ES256", x=key("ES256").published["x"][:-4]),
    "a coordinate no text": lambda: changed("ES256", x=7),
    "the point of nothing": lambda: changed("ES256", x=part(bytes(32)), y=part(bytes(32))),
    "a point cut": lambda: changed("EdDSA", x=key("EdDSA").published["x"][:-4]),
    "point empty": lambda: changed("EdDSA", x=""),
    "a weak point, 0": lambda: changed("EdDSA", x=point(0)),
    "a weak point, 1": lambda: changed("EdDSA", x=point(1)),
    "a weak point, -1": lambda: changed("EdDSA", x=point(CURVE - 1)),
    "a weak point, of order eight": lambda: changed("EdDSA", x=point(ORDER_EIGHT)),
    "a weak point, the other of order eight": lambda: changed("EdDSA", x=point(CURVE - ORDER_EIGHT)),
    "a weak point, 0 unreduced": lambda: changed("EdDSA", x=point(CURVE)),
    "a weak point, 1 unreduced": lambda: changed("EdDSA", x=point(CURVE + 1)),
    "a weak point, 1 with a sign": lambda: changed("EdDSA", x=point(2**255 + 1)),
    "RSA of 1024 bits": lambda: small(1024),
    "RSA of 2040 bits": lambda: small(2040),
    "exponent 1": lambda: changed("RS256", e=number(1)),
    "exponent 2": lambda: changed("RS256", e=number(2)),
    "exponent 0": lambda: changed("RS256", e=number(0)),
    "modulus 0": lambda: changed("RS256", n=number(0)),
    "modulus missing": lambda: changed("RS256", n=...),
    "modulus no text": lambda: changed("RS256", n=[1]),
    "a private key": lambda: changed("EdDSA", d=part(key("EdDSA").private.private_bytes_raw())),
    "a key with a secret in it": lambda: changed("ES256", k=part(b"x" * 32)),
    "a secret": lambda: {"kty": "oct", "k": part(b"x" * 32), "kid": "s", "alg": "HS256"},
    "a secret for AES": lambda: {"kty": "oct", "k": part(b"x" * 32), "kid": "s", "alg": "A256GCM", "use": "sig"},
    "no object": lambda: ["key"],
    "null": lambda: None,
    "empty": dict,
}


@pytest.mark.parametrize("make", NO_KEYS.values(), ids=NO_KEYS)
def test_what_is_not_a_key_for_signatures_is_none_and_spoils_no_other(make: Callable[[], Any]) -> None:
    bad = make()

    assert verification_keys(bad) == []
    assert list(keys_by_kid([bad, key("EdDSA", "good").published, bad])) == ["good"]


def test_a_kid_of_two_keys_names_neither() -> None:
    twice = [key(algorithm).published | {"kid": "same"} for algorithm in ("EdDSA", "ES256")]

    assert list(keys_by_kid([*twice, key("ES512").published])) == ["kid-ES512"]


@pytest.mark.parametrize("kid", [None, 7, ["k"], ...])
def test_a_key_without_a_name_is_none(kid: Any) -> None:
    assert keys_by_kid([changed("EdDSA", kid=kid)]) == {}


@pytest.mark.parametrize("members", [{"use": "sig"}, {"key_ops": ["verify"]}, {"use": ..., "ext": True, "oth": 1}])
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_key_for_signatures_is_one(algorithm: str, members: JSON) -> None:
    assert [backend.algorithm for backend in verification_keys(changed(algorithm, **members))] == [algorithm]


@pytest.mark.django_db
@pytest.mark.parametrize("members", [{"use": "enc"}, {"key_ops": ["encrypt"]}, {"alg": "ES512"}])
def test_a_token_signed_by_a_key_that_is_none_is_refused(members: JSON, settings: Settings) -> None:
    share_database(settings)
    key("ES256").write(alg=members.get("alg", "ES256"), public=members)
    key("EdDSA").write()

    assert_refused(answer_to(key("ES256").token()))
    assert_login(answer_to(key("EdDSA").token()))


@pytest.mark.django_db
def test_anybody_could_sign_for_a_weak_point_so_nobody_does(settings: Settings) -> None:
    share_database(settings)
    key("EdDSA").write(public={"x": point(1)})
    signed = key("EdDSA").token().rpartition(".")[0]

    assert_refused(answer_to(f"{signed}.{part((1).to_bytes(32, 'little') + bytes(32))}"))


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["", "null", "[]", '"x"', "{", "7", "\ufeff{}", "[" * 100_000, "{}"], ids=range(9))
def test_a_row_that_cannot_be_read_spoils_no_other(text: str, settings: Settings) -> None:
    share_database(settings)
    key("EdDSA", "broken").write(public_key=text)
    key("EdDSA").write()

    assert_login(answer_to(key("EdDSA").token()))
    assert_refused(answer_to(key("EdDSA", "broken").token()))


@pytest.mark.django_db
def test_a_published_secret_signs_nothing(settings: Settings) -> None:
    share_database(settings)
    secret = b"a secret that somebody published."
    Jwk.objects.create(
        id="s",
        public_key=json.dumps({"kty": "oct", "k": part(secret)}),
        private_key="-",
        created_at="2026-01-01T00:00:00Z",
        alg="HS256",
    )

    assert_refused(answer_to(by_secret(plugin(), header={"alg": "HS256", "kid": "s"}, secret=secret)))
