"""How one shared secret differs between two servers: by quotes, white space, an encoding, or a cut."""

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from django.conf import settings

NAME = "BETTER_AUTH_SECRET"
VARIABLE = re.compile(r"\$\{?\w+\}?")  # What dotenv-expand, and so Next.js, replaces in a .env file.


def matching_variant(has_signed: Callable[[bytes], bool]) -> str | None:
    """Return how the secret that signed a token differs from ours, in words; None if no variant matches."""
    return next((words for words, variant in variants(settings.BETTER_AUTH_SECRET) if has_signed(variant)), None)


def variants(secret: str) -> Iterator[tuple[str, bytes]]:
    """Yield what Better Auth's server may have instead of `secret`, each with words that complete "It has …"."""
    for quote in "\"'`":
        yield f"the secret with {quote} around it", f"{quote}{secret}{quote}".encode()
    yield "the secret without quotes", secret.strip("\"'`").encode()
    yield "the secret with a line break after it", f"{secret}\n".encode()
    yield "the secret with a line break after it", f"{secret}\r\n".encode()
    yield "the secret with a space after it", f"{secret} ".encode()
    yield "the secret with a space before it", f" {secret}".encode()
    yield "the secret encoded as base64", base64.b64encode(secret.encode())
    yield "the secret encoded as hexadecimal digits", secret.encode().hex().encode()
    yield from decoded(secret)
    for character in "#$":
        if character in secret:
            yield f"the secret cut at {character}", secret.partition(character)[0].encode()
            yield f"the secret cut at {character}", secret.partition(character)[0].strip().encode()
    yield "the secret with what follows $ replaced, as Next.js does", VARIABLE.sub("", secret).encode()
    for line in lines_of_dotenv():
        yield "the whole line of the .env file, of which this server reads a part", line.encode()
    yield "SECRET_KEY instead", settings.SECRET_KEY.encode()


def decoded(secret: str) -> Iterator[tuple[str, bytes]]:
    """Yield the bytes that `secret` encodes, if it does."""
    padded = secret + "=" * (-len(secret) % 4)
    decoders: dict[str, tuple[Callable[[str], bytes], str]] = {
        "base64": (base64.b64decode, padded),
        "base64url": (base64.urlsafe_b64decode, padded),
        "hexadecimal digits": (bytes.fromhex, secret),
    }
    for encoding, (decode, text) in decoders.items():
        try:
            yield f"the secret decoded from {encoding}", decode(text)
        except (binascii.Error, ValueError):
            continue


def lines_of_dotenv() -> Iterator[str]:
    """Yield the values of the secret in the .env file as they are written: a # or $ in it cuts what is read."""
    path = Path(settings.BASE_DIR) / ".env"
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    for line in lines:
        name, _, value = line.partition("=")
        if name.removeprefix("export ").strip() == NAME:
            yield value.strip()
            yield value.strip().strip("\"'`")
