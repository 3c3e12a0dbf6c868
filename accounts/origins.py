"""Origins and issuers that settings accept: as text, or as a pattern for preview deployments."""

import functools
import re
from collections.abc import Collection

# One label of a host name for the whole of the leftmost label: https://*.preview.example.com
PATTERN = re.compile(r"https://\*(?P<domain>(\.[a-z0-9-]+){2,})(:\d+)?")
LABEL = "[a-z0-9]([a-z0-9-]*[a-z0-9])?"

# Anybody can have a host under these.
SHARED_DOMAINS = frozenset(
    {
        ".amplifyapp.com",
        ".azurestaticapps.net",
        ".azurewebsites.net",
        ".co.uk",
        ".deno.dev",
        ".firebaseapp.com",
        ".fly.dev",
        ".github.io",
        ".gitlab.io",
        ".herokuapp.com",
        ".netlify.app",
        ".ngrok.io",
        ".ngrok-free.app",
        ".now.sh",
        ".onrender.com",
        ".pages.dev",
        ".replit.app",
        ".run.app",
        ".surge.sh",
        ".trycloudflare.com",
        ".up.railway.app",
        ".vercel.app",
        ".web.app",
        ".workers.dev",
    }
)


def is_pattern(text: str) -> bool:
    """Return whether `text` is a pattern that is safe to accept: `https://*.` and a domain that nobody else shares."""
    match = PATTERN.fullmatch(text)
    return match is not None and match["domain"] not in SHARED_DOMAINS


@functools.cache
def regex(pattern: str) -> str:
    """Return the regular expression of `pattern`, for a match from the beginning of a text to its end."""
    return re.escape(pattern).replace(r"\*", LABEL) + r"\Z"


def is_accepted(text: str, accepted: Collection[str]) -> bool:
    """Return whether `text` is one of `accepted`, which can be patterns."""
    return text in accepted or any("*" in item and re.match(regex(item), text) for item in accepted)
