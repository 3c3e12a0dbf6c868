"""Reads the `.env` file: what cannot be read is named with its line, and nothing is skipped in silence."""

import io
import os
from collections.abc import Iterable
from pathlib import Path

from dotenv import load_dotenv
from dotenv.parser import Binding, parse_stream

# Both servers must read the same secret, and Better Auth's may be in a file that Node reads.
SHARED_SECRETS = {"BETTER_AUTH_SECRET", "BETTER_AUTH_SECRETS"}


class UnreadableFileError(Exception):
    """The whole file cannot be read; the text says why and what to do."""


def load_env_file(path: Path) -> list[str]:
    """Set the variables of `path` that are not set yet, and return the problems of its lines.

    Raises UnreadableFileError.
    """
    bindings = list(parse_stream(io.StringIO(text_of(path))))
    problems = [*unreadable_lines(path, bindings), *ambiguous_secrets(bindings)]
    readable = "".join(binding.original.string for binding in bindings if not binding.error)
    load_dotenv(stream=io.StringIO(readable), override=False)
    return problems


def text_of(path: Path) -> str:
    """Return the text of the file, or an empty one if there is none."""
    if path.is_dir():
        raise UnreadableFileError(
            f"{path} is a directory. Remove it: Docker creates one in the place of a file that it cannot mount."
        )
    try:
        text = path.read_bytes().decode("utf-8-sig")  # Windows' editors begin a file with a byte order mark.
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise UnreadableFileError(
            f"{path} cannot be read: {error.strerror}. Make it readable for the user who runs this command."
        ) from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise UnreadableFileError(f"{path} is not UTF-8 (line {line}). Save it as UTF-8.") from error
    if "\0" in text:
        raise UnreadableFileError(f"{path} is UTF-16, as Windows writes it. Save it as UTF-8.")
    return text


def unreadable_lines(path: Path, bindings: Iterable[Binding]) -> list[str]:
    """Return a problem for each line that is neither NAME=value nor a comment: its variable would not be set."""
    return [
        f"{path} has an error in line {binding.original.line}. Write NAME=value, and close each quote."
        for binding in bindings
        if binding.error
    ]


def ambiguous_secrets(bindings: Iterable[Binding]) -> list[str]:
    """Return a problem for each shared secret that Node would read differently from the same line.

    Node's dotenv ends an unquoted value at a `#` and takes backquotes for quotes; Next.js replaces `$NAME`; each has
    backslash escapes of its own.
    """
    return [
        f"{binding.key} in .env has a character that Node's dotenv or Next.js may read differently. "
        "Write it in single quotes if that is a #; if it is $, \\ or `, set the variable in the environment instead."
        for binding in bindings
        if binding.key in SHARED_SECRETS and binding.key not in os.environ and is_ambiguous(binding)
    ]


def is_ambiguous(binding: Binding) -> bool:
    value = binding.value or ""
    written = binding.original.string.partition("=")[2].strip()
    return (
        "$" in value
        or "\\" in written.partition(" #")[0]
        or value.startswith("`")
        or ("#" in value and written[:1] not in {"'", '"'})
    )
