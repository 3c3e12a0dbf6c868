"""`Prefer: count=exact` (RFC 7240): how many tasks a list has on all its pages."""

import re

from rest_framework.request import Request

# What stands between commas, and the name and the value of a preference, with or without quotes. Parameters that nobody
# asks about may follow. Quotes may hold commas; a quote that is not closed holds all the rest.
ELEMENT = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.?)*+"?)+')
PREFERENCE = re.compile(r'\s*(?P<name>[^\s=;"]+)\s*(?:=\s*(?:"(?P<quoted>[^"]*)"|(?P<value>[^\s;"]*))\s*)?(?:;.*)?')


def wants_exact_count(request: Request) -> bool:
    """Whether the caller asks for the exact count. Of repeated preferences the first counts; others are ignored."""
    for element in ELEMENT.findall(request.headers.get("Prefer", "")):
        preference = PREFERENCE.fullmatch(element)
        if preference is not None and preference["name"].lower() == "count":
            return (preference["quoted"] or preference["value"] or "").lower() == "exact"
    return False
