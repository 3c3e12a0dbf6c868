"""How long an answer is, so that it goes out whole and not in chunks: HTTP/1.0 proxies and HEAD want to know."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase


class ContentLengthMiddleware:
    """Adds `Content-Length`, as Django's CommonMiddleware does, which the API does without."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer, with its length where it may have a body (RFC 9110, section 8.6)."""
        response = self.get_response(request)
        if isinstance(response, HttpResponse) and response.status_code not in {204, 304}:
            response.headers.setdefault("Content-Length", str(len(response.content)))
        return response
