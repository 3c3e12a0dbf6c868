"""Removes the charset and all other parameters but `boundary` from a request's Content-Type."""

import re
from collections.abc import Callable, Iterable
from typing import Any

type WSGIApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

LONGEST_MEDIA_TYPE = 255  # RFC 6838, section 4.2: 127 characters on each side of the slash.
BOUNDARY = re.compile(r';\s*boundary="?([0-9A-Za-z\'()+_,./:=? -]{1,70})', re.IGNORECASE)  # RFC 2046, section 5.1.1


def without_charset(application: WSGIApplication) -> WSGIApplication:
    """Return `application`, called with a Content-Type of media type and, for a form with files, boundary.

    Django decodes the query string, too, with the charset that a request declares for its body
    (https://docs.djangoproject.com/en/6.1/ref/request-response/#django.http.HttpRequest.encoding): with some, `q` is
    wrong; others raise LookupError, partly before any middleware could answer
    (https://code.djangoproject.com/ticket/36991). This API is UTF-8 only, as RFC 8259 requires for JSON.
    """

    def call(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        media_type, _, parameters = environ.get("CONTENT_TYPE", "").partition(";")
        cleaned = media_type.strip()[:LONGEST_MEDIA_TYPE]
        boundary = BOUNDARY.search(f";{parameters}")
        environ["CONTENT_TYPE"] = f'{cleaned}; boundary="{boundary[1].rstrip()}"' if boundary else cleaned
        return application(environ, start_response)

    return call
