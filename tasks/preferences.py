"""`Prefer: count=exact` (RFC 7240): how many tasks a list has on all its pages."""

import re

from rest_framework.request import Request

# A preference, its value with or without quotes, and parameters that nobody asks about.
PREFERENCE = re.compile(
    r'\s*(?P<name>[^\s=;,"]+)\s*(?:=\s*(?:"(?P<quoted>[^"]*)"|(?P<value>[^\s;,"]*)))?\s*(?:;[^,]*)?(?:,|$)'
)


def wants_exact_count(request: Request) -> bool:
    """Whether the caller asks for the exact count. Of repeated preferences the first counts; others are ignored."""
    for preference in PREFERENCE.finditer(request.headers.get("Prefer", "")):
        if preference["name"].lower() == "count":
            return (preference["quoted"] or preference["value"] or "").lower() == "exact"
    return False
