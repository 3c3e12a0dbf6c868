"""A signature is accepted only in the form that JWS defines for its algorithm."""

import pytest
from cryptography.hazmat.primitives.asymmetric import utils
from pytest_django.fixtures import Settings

from tests.support.tokens import (
    ALGORITHMS,
    Key,
    answer_to,
    assert_login,
    assert_refused,
    key,
    octets,
    part,
    share_database,
)

pytestmark = pytest.mark.django_db

ED25519_ORDER = 2**252 + 27742317777372353535851937790883648493


@pytest.fixture(autouse=True)
def keys(settings: Settings) -> None:
    """A key of each algorithm is published."""
    share_database(settings)
    for algorithm in ALGORITHMS:
        key(algorithm).write()


def signed_by(signer: Key) -> tuple[str, bytes]:
    """The signed text of a token, and its signature."""
    signed, _, signature = signer.token().rpartition(".")
    return signed, octets(signature)


def refuse(signed: str, signature: bytes) -> None:
    """The token with that signature is an invalid one, and its signature is what is wrong."""
    answer = answer_to(f"{signed}.{part(signature)}")
    assert_refused(answer)
    assert answer.json["detail"] == "The token's signature does not match."


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_signature_changed_in_any_byte_or_length_is_refused(algorithm: str) -> None:
    signed, good = signed_by(key(algorithm))
    last = len(good) - 1

    for place in (0, 1, last // 2, last - 1, last):
        refuse(signed, good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :])
    for other in (
        good[:-1],
        good[1:],
        good + b"\0",
        b"\0" + good,
        good * 2,
        bytes(len(good)),
        b"\xff" * len(good),
        b"\0",
    ):
        refuse(signed, other)
    assert_login(answer_to(f"{signed}.{part(good)}"))


@pytest.mark.parametrize("algorithm", ["ES256", "ES512"])
def test_ecdsa_in_der_is_refused(algorithm: str) -> None:
    signed, good = signed_by(key(algorithm))
    half = len(good) // 2

    refuse(signed, utils.encode_dss_signature(int.from_bytes(good[:half]), int.from_bytes(good[half:])))


def test_eddsa_signatures_of_weak_points_and_unreduced_scalars_are_refused() -> None:
    signed, good = signed_by(key("EdDSA"))
    point, number = good[:32], int.from_bytes(good[32:], "little")
    identity, order_two = (1).to_bytes(32, "little"), (2**255 - 20).to_bytes(32, "little")

    refuse(signed, point + (number + ED25519_ORDER).to_bytes(32, "little"))
    for weak in (identity, order_two, bytes(32), b"\xff" * 32, (2**255 - 18).to_bytes(32, "little")):
        for scalar in (0, 1, ED25519_ORDER, number):
            refuse(signed, weak + scalar.to_bytes(32, "little"))
