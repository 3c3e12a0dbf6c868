"""JSON in, JSON out: the parser, the renderer and the choice between them, which there is none of."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import IO, Any, NoReturn

import orjson
from rest_framework.exceptions import ParseError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request


class JSONNegotiation(BaseContentNegotiation):
    """Takes the body by its Content-Type and answers JSON whatever `Accept` says."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser | None:
        """The parser of the request's media type, without its parameters; None is answered 415."""
        sent = (request.content_type or "").partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == sent and takes(parser, request)), None)

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """The one renderer there is."""
        renderer = next(iter(renderers))
        return renderer, renderer.media_type


def takes(parser: BaseParser, request: Request) -> bool:
    """Whether `parser` is for the request's method."""
    return request.method in getattr(parser, "methods", (request.method,))


def refuse_constant(name: str) -> NoReturn:
    """Python reads NaN and Infinity, which RFC 8259 does not have."""
    raise ValueError(f"{name} is not JSON")


class JSONParser(BaseParser):
    """Reads a UTF-8 JSON body; what is not JSON is 400 PARSE_ERROR."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """The value that the request's body holds. Raises ParseError, and RequestDataTooBig past the limit.

        The body comes from the Django request, which holds it to the limit; `stream` would not.
        """
        body: bytes = (parser_context or {})["request"]._request.body
        try:
            return json.loads(body.decode("utf-8"), parse_constant=refuse_constant)
        except (ValueError, RecursionError) as error:  # RecursionError: brackets nested thousands deep.
            raise ParseError("The body is not valid JSON.") from error


class MergePatchParser(JSONParser):
    """The same under the name of RFC 7396."""

    media_type = "application/merge-patch+json"
    methods = ("PATCH",)


def moment(value: datetime) -> str:
    """RFC 3339 in UTC with `Z` and microseconds, also where they are zero: one length, sortable as text."""
    return value.isoformat(timespec="microseconds")[:26] + "Z"


class JSONRenderer(BaseRenderer):
    """Writes compact UTF-8 JSON."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        """The bytes of `data`: as they are where they are JSON already; none at all for None, the body of a 204."""
        if data is None:
            return b""
        if isinstance(data, bytes):  # Written by the database.
            return data
        return orjson.dumps(data, default=moment, option=orjson.OPT_PASSTHROUGH_DATETIME)
