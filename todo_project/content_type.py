"""The Content-Type of a request without what Django would believe of it."""

import re
from collections.abc import Callable, Iterable
from typing import Any

type WSGIApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

LONGEST_MEDIA_TYPE = 255  # RFC 6838, section 4.2: 127 on each side of the slash.
BOUNDARY = re.compile(r';\s*boundary="?([0-9A-Za-z\'()+_,./:=? -]{1,70})', re.IGNORECASE)  # RFC 2046, section 5.1.1


def without_charset(application: WSGIApplication) -> WSGIApplication:
    """`application`, which is told the media type of a body and, of a form with files, its boundary; and nothing else.

    Django reads the query in the charset that a request names for its body: a wrong `q` in some, a 500 outside of all
    our code in others, and so with the name of a charset in any other parameter. Here all is UTF-8.
    """

    def call(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        media_type, _, parameters = environ.get("CONTENT_TYPE", "").partition(";")
        told = media_type.strip()[:LONGEST_MEDIA_TYPE]
        boundary = BOUNDARY.search(f";{parameters}")
        environ["CONTENT_TYPE"] = f'{told}; boundary="{boundary[1].rstrip()}"' if boundary else told
        return application(environ, start_response)

    return call
