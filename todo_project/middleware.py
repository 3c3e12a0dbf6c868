"""The middleware that every request passes. API requests end here; pages go on through Django's own middleware."""

import re
import uuid
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import SimpleTemplateResponse
from django.urls import resolve

from todo_project.logging import current_request_id
from todo_project.rest import JSONRenderer, error_body

ADMIN = re.compile(r"/admin(/|$)")
PAGES = re.compile(r"/(admin|docs|redoc|static)(/|$)")

# A request id that a client sends is written to the log: no character that could forge a line.
REQUEST_ID = re.compile(r"[A-Za-z0-9._:/+=-]{1,128}")

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


class Middleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response


class RequestIDMiddleware(Middleware):
    """Adds `X-Request-ID` to the response and to the log: the client's own id if it is acceptable, else a new UUID."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        sent = request.META.get("HTTP_X_REQUEST_ID", "")
        request_id = sent if REQUEST_ID.fullmatch(sent) else str(uuid.uuid4())
        # It stays set until this thread's next request, because Django logs a 500 after all middleware.
        current_request_id.set(request_id)
        response = self.get_response(request)
        response.headers["X-Request-ID"] = request_id
        return response


class ContentLengthMiddleware(Middleware):
    """Adds `Content-Length`, as Django's CommonMiddleware does for pages: HTTP/1.0 proxies and HEAD need it."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        # 204 and 304 have no body (RFC 9110, section 8.6).
        if isinstance(response, HttpResponse) and response.status_code not in {204, 304}:
            response.headers.setdefault("Content-Length", str(len(response.content)))
        return response


class JSONErrorsMiddleware(Middleware):
    """Converts the HTML errors that Django answers itself, with DEBUG too, to JSON. Errors of /admin stay HTML."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if (
            response.status_code < 400
            or response.headers.get("Content-Type") == JSONRenderer.media_type
            or ADMIN.match(request.path_info)
        ):
            return response
        # The replaced response is not closed: close() would send request_finished before the request has finished.
        return HttpResponse(
            JSONRenderer().render(error_body(response.status_code)),
            status=response.status_code,
            content_type=JSONRenderer.media_type,
            headers={name: value for name, value in response.items() if not name.startswith("Content-")},
        )


class APIMiddleware(Middleware):
    """Calls the views of the API directly; only requests for pages continue to the middleware after this one.

    That middleware is for sessions, cookies and forms, which an API request does not have.
    Every URL works with and without a trailing slash: a redirect would drop tokens and bodies. The admin keeps its
    slashes, which its own links have. Exceptions become responses in Django's wrapper around each middleware.
    """

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.get_host()  # Raises DisallowedHost, which Django answers 400.
        path = request.path_info
        if len(path) > 1 and path.endswith("/") and not ADMIN.match(path):
            request.path_info = path = path[:-1]
        return self.page(request) if PAGES.match(path) else call_view(request)

    def page(self, request: HttpRequest) -> HttpResponseBase:
        # The session is looked up by its cookie, and PostgreSQL refuses NUL in a text with an error.
        if "\0" in request.COOKIES.get(settings.SESSION_COOKIE_NAME, ""):
            del request.COOKIES[settings.SESSION_COOKIE_NAME]
        return self.get_response(request)


def call_view(request: HttpRequest) -> HttpResponseBase:
    """Do what Django's handler does after the last middleware: find the view, call it, render its response.

    Left out, because this project uses neither: async views and ATOMIC_REQUESTS.
    """
    match = request.resolver_match = resolve(request.path_info)
    response: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
    if isinstance(response, SimpleTemplateResponse):
        response.render()
    return response
