"""A signature holds in its one form: not in DER, not with another padding, nor with numbers out of their range.

The classes are those of the public Wycheproof vectors for JWS, ECDSA and EdDSA; each case is made afresh here.
"""

import hashlib
from collections.abc import Callable
from typing import cast

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa, utils
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

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
P521_ORDER = 2**521 - 0x5AE79787C40D069948033FEB708F65A2FC44A36477663B851449048E16EC79BF7
ED25519_ORDER = 2**252 + 27742317777372353535851937790883648493
SIZE = 256  # bytes of an RSA signature here


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


@pytest.mark.parametrize(("algorithm", "order", "size"), [("ES256", P256_ORDER, 32), ("ES512", P521_ORDER, 66)])
def test_ecdsa_numbers_lie_in_their_range(algorithm: str, order: int, size: int) -> None:
    signed, good = signed_by(key(algorithm))
    r, s = int.from_bytes(good[:size]), int.from_bytes(good[size:])
    edges = [0, 1, order - 1, order, 2 ** (8 * size) - 1]

    for pair in [(a, b) for a in edges for b in edges] + [(0, s), (r, 0), (order, s), (r, order), (s, r)]:
        refuse(signed, b"".join(number.to_bytes(size) for number in pair))
    for longer in [(r + order, s), (r, s + order), (r + 2 ** (8 * size), s), (r, s + 2 ** (8 * size))]:
        refuse(signed, b"".join(number.to_bytes(size + 1) for number in longer))
    for beside in (b"\0" * size + good, good[:size], good[:size] + b"\0" + good[size:]):
        refuse(signed, beside)


@pytest.mark.parametrize("algorithm", ["ES256", "ES512"])
def test_ecdsa_in_der_is_refused(algorithm: str) -> None:
    signed, good = signed_by(key(algorithm))
    half = len(good) // 2

    refuse(signed, utils.encode_dss_signature(int.from_bytes(good[:half]), int.from_bytes(good[half:])))


def test_eddsa_numbers_are_reduced_and_weak_points_sign_nothing() -> None:
    signed, good = signed_by(key("EdDSA"))
    point, number = good[:32], int.from_bytes(good[32:], "little")
    identity, order_two = (1).to_bytes(32, "little"), (2**255 - 20).to_bytes(32, "little")

    refuse(signed, point + (number + ED25519_ORDER).to_bytes(32, "little"))
    for weak in (identity, order_two, bytes(32), b"\xff" * 32, (2**255 - 18).to_bytes(32, "little")):
        for scalar in (0, 1, ED25519_ORDER, number):
            refuse(signed, weak + scalar.to_bytes(32, "little"))


def rsa_signature(signer: Key, encoded: bytes) -> bytes:
    """What an owner of the key can sign: any encoded message, well formed or not."""
    numbers = cast(rsa.RSAPrivateKey, signer.private).private_numbers()
    modulus = numbers.public_numbers.n
    return pow(int.from_bytes(encoded) % modulus, numbers.d, modulus).to_bytes(SIZE)


def tlv(tag: int, content: bytes) -> bytes:
    """A DER element of less than 128 bytes."""
    return bytes([tag, len(content)]) + content


# What can be wrong with a DER element. Each takes a good element: its tag, its length, its content.
ELEMENTS: dict[str, Callable[[bytes], bytes]] = {
    "length in its long form": lambda e: e[:1] + b"\x81" + e[1:],
    "length with a leading 0": lambda e: e[:1] + b"\x82\0" + e[1:],
    "length too large": lambda e: e[:1] + bytes([e[1] + 1]) + e[2:],
    "length too small": lambda e: e[:1] + bytes([(e[1] - 1) % 128]) + e[2:],
    "length that overflows 32 bits": lambda e: e[:1] + b"\x85\1\0\0\0" + e[1:],
    "length that overflows 64 bits": lambda e: e[:1] + b"\x89\1\0\0\0\0\0\0\0" + e[1:],
    "length of 2**31 - 1": lambda e: e[:1] + b"\x84\x7f\xff\xff\xff" + e[2:],
    "length of 2**32 - 1": lambda e: e[:1] + b"\x84\xff\xff\xff\xff" + e[2:],
    "length of 2**64 - 1": lambda e: e[:1] + b"\x88" + b"\xff" * 8 + e[2:],
    "indefinite length": lambda e: e[:1] + b"\x80" + e[2:],
    "indefinite length, ended": lambda e: e[:1] + b"\x80" + e[2:] + b"\0\0",
    "removed": lambda e: b"",
    "its tag alone": lambda e: e[:1],
    "its tag and length alone": lambda e: e[:1] + b"\0" if len(e) > 2 else b"\5\0\0",
    "zeros before": lambda e: b"\0\0" + e,
    "zeros after": lambda e: e + b"\0\0",
    "zeros inside": lambda e: tlv(e[0], e[2:] + b"\0\0"),
    "null after": lambda e: e + b"\5\0",
    "null instead": lambda e: b"\5\0" if e != b"\5\0" else b"\5\1\0",
    "garbage before": lambda e: b"\x49\x81\x77" + e,
    "garbage after": lambda e: e + b"\x77",
    "an undefined tag": lambda e: b"\xaa\2\xbb\0" + e,
    "another tag": lambda e: bytes([e[0] ^ 1]) + e[1:],
    "a constructed tag": lambda e: bytes([e[0] ^ 0x20]) + e[1:],
    "cut": lambda e: e[:-1],
    "first byte changed": lambda e: e[:2] + bytes([e[2] ^ 1]) + e[3:] if len(e) > 2 else b"\5\1\1",
    "last byte changed": lambda e: e[:-1] + bytes([e[-1] ^ 1]),
    "twice": lambda e: e + e,
    "inside another": lambda e: tlv(0x30, e),
}


@pytest.mark.parametrize("change", ELEMENTS.values(), ids=ELEMENTS)
def test_rsa_pkcs1_has_one_encoding(change: Callable[[bytes], bytes]) -> None:
    signer = key("RS256")
    signed, good = signed_by(signer)
    digest = tlv(4, hashlib.sha256(signed.encode()).digest())
    oid, null = bytes.fromhex("0609608648016503040201"), b"\5\0"
    algorithm = tlv(0x30, oid + null)
    assert rsa_signature(signer, pkcs1(tlv(0x30, algorithm + digest))) == good

    for changed in (
        change(tlv(0x30, algorithm + digest)),
        tlv(0x30, change(algorithm) + digest),
        tlv(0x30, tlv(0x30, change(oid) + null) + digest),
        tlv(0x30, tlv(0x30, oid + change(null)) + digest),
        tlv(0x30, algorithm + change(digest)),
    ):
        refuse(signed, rsa_signature(signer, pkcs1(changed)))


def pkcs1(content: bytes) -> bytes:
    """EMSA-PKCS1-v1_5 around any content."""
    return b"\0\1" + b"\xff" * (SIZE - 3 - len(content)) + b"\0" + content


def test_rsa_pkcs1_has_one_padding() -> None:
    signer = key("RS256")
    signed, good = signed_by(signer)
    numbers = signer.private.public_key().public_numbers()
    whole = pow(int.from_bytes(good), numbers.e, numbers.n).to_bytes(SIZE)
    info = whole[-51:]

    for encoded in (
        b"\0\2" + whole[2:],
        b"\1" + whole[1:],
        b"\0\0" + whole[2:],
        whole[:100] + b"\xfe" + whole[101:],
        whole[:100] + b"\0" + whole[101:],
        b"\0\1" + b"\xff" * 8 + b"\0" + info + bytes(SIZE - 11 - len(info)),
        whole[: -len(info) - 1] + b"\1" + info,
        info.rjust(SIZE, b"\0"),
        hashlib.sha256(signed.encode()).digest().rjust(SIZE, b"\0"),
    ):
        refuse(signed, rsa_signature(signer, encoded))


SHA256 = hashes.SHA256()


def test_rsa_pss_has_one_salt_length_and_one_hash() -> None:
    signer = key("PS256")
    signed, _ = signed_by(signer)
    of_sha256 = padding.MGF1(SHA256)

    for salt_length in (0, 1, 20, 31, 33, 48, 64, 222):
        refuse(signed, signer.private.sign(signed.encode(), padding.PSS(of_sha256, salt_length), SHA256))
    for other in (hashes.SHA1(), hashes.SHA384(), hashes.SHA512()):
        refuse(signed, signer.private.sign(signed.encode(), padding.PSS(of_sha256, other.digest_size), other))
        refuse(signed, signer.private.sign(signed.encode(), padding.PSS(padding.MGF1(other), 32), SHA256))
    refuse(signed, signer.private.sign(signed.encode(), padding.PKCS1v15(), SHA256))


def test_rsa_pss_has_one_encoding() -> None:
    signer = key("PS256")
    signed, good = signed_by(signer)
    numbers = signer.private.public_key().public_numbers()
    whole = pow(int.from_bytes(good), numbers.e, numbers.n).to_bytes(SIZE)
    assert whole[-1] == 0xBC

    for place in (0, 1, 100, 190, 191, 222, 223, 254, 255):  # zero bits, padding, salt, hash, trailer
        refuse(signed, rsa_signature(signer, whole[:place] + bytes([whole[place] ^ 0x80]) + whole[place + 1 :]))
    for number in (0, 1, numbers.n - 1, numbers.n):
        refuse(signed, number.to_bytes(SIZE))
    refuse(signed, (int.from_bytes(good) + numbers.n).to_bytes(SIZE + 1))
