"""The one middleware that every request passes. API requests end here; pages go on through Django's own middleware."""

import logging
import re
import uuid
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import SplitResult

from corsheaders.middleware import CorsMiddleware
from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.security import SecurityMiddleware
from django.template.response import SimpleTemplateResponse
from django.urls import resolve
from rest_framework.exceptions import Throttled

from todo_project import refusals, unreadable
from todo_project.logging import current_request_id
from todo_project.rest import JSONRenderer, error_body

log = logging.getLogger(__name__)

# Platforms check these under names of their own: a pod's address, a container's id.
PROBES = {"/health", "/ready"}
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


type GetResponse = Callable[[HttpRequest], HttpResponseBase]


class ExactCorsMiddleware(CorsMiddleware):
    """corsheaders, which compares scheme and host: so that `HTTP://localhost/x` is http://localhost."""

    def origin_found_in_white_lists(self, origin: str, url: SplitResult) -> bool:
        return origin in settings.CORS_ALLOWED_ORIGINS or self.regex_domain_match(origin)


class ServiceMiddleware:
    """The first and the last that a request meets: id, host, slash, CORS, security headers, length, errors in JSON.

    A single layer, because each one costs a call, a `try` and a look at the request of its own: six of them took an
    eighth of a GET. Requests for the API go from here to their view; only those for pages continue to the middleware
    after this one, which is for sessions, cookies and forms.
    """

    def __init__(self, get_response: GetResponse) -> None:
        from todo_project import throttles  # It needs the apps, and servers import this module before.

        self.throttles = throttles
        self.get_page = get_response
        self.cors = ExactCorsMiddleware(get_response)
        self.security = SecurityMiddleware(get_response)
        # As Django does with each middleware: an exception becomes its response, here and not further outside.
        self.answer: GetResponse = convert_exception_to_response(self.route)  # type: ignore[assignment]  # Not async.

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request_id = request_id_of(request)
        # It stays set until this thread's next request, because Django logs a 500 after all middleware.
        current_request_id.set(request_id)
        response = self.preflight_response(request) or self.answer(request)
        if "todo.rate_limits" in request.META:
            self.throttles.add_fields(request, response)
        if request.resolver_match:
            request.META["todo.route"] = request.resolver_match.route  # For the access log.
        if response.status_code >= 400:
            response = as_json(request, response)
        self.add_cors_headers(request, response)
        self.security.process_response(request, response)  # type: ignore[arg-type]  # Streams have headers, too.
        add_content_length(response)
        response.headers["X-Request-ID"] = request_id
        return response

    def preflight_response(self, request: HttpRequest) -> HttpResponseBase | None:
        """Return the response to a browser that asks what it may send; None to any other request."""
        return self.cors.check_preflight(request) if request.method == "OPTIONS" else None

    def add_cors_headers(self, request: HttpRequest, response: HttpResponseBase) -> None:
        """Let corsheaders add its headers. Without an Origin it would only add `Vary`."""
        if "HTTP_ORIGIN" in request.META or PAGES.match(request.path_info):
            self.cors.add_response_headers(request, response)
        else:
            vary = response.headers.get("Vary")
            response.headers["Vary"] = f"{vary}, origin" if vary else "origin"

    def route(self, request: HttpRequest) -> HttpResponseBase:
        """Return the response of the page or the view.

        Every URL works with and without a trailing slash: a redirect would drop tokens and bodies. The admin keeps its
        slashes, which its own links have.
        """
        path = request.path_info
        if len(path) > 1 and path.endswith("/") and not ADMIN.match(path):
            request.path_info = path = path[:-1]
        if "todo.body_error" in request.META:
            return unreadable.body_refusal(request)
        if path not in PROBES:
            try:
                request.get_host()
            except DisallowedHost:
                return foreign_host_response(request)
        is_page = PAGES.match(path)
        if "todo.unreadable" in request.META and path not in PROBES and (not is_page or ADMIN.match(path)):
            refused = unreadable.header_refusal(request, is_operator=bool(is_page))
            if refused:
                return refused
        if is_page:
            remove_malformed_session(request)
            return self.get_page(request)
        return self.security.process_request(request) or self.refusal(request) or call_view(request)

    def refusal(self, request: HttpRequest) -> HttpResponseBase | None:
        """Return the 429 of an address that has sent too much, before its token is looked at; None if it has not."""
        if request.path_info in PROBES or not (settings.THROTTLE_ADDRESS or settings.THROTTLE_FAILED_AUTH):
            return None
        try:
            self.throttles.check_address(request)
        except Throttled as error:
            from todo_project.refusal_log import log_refusal  # It needs the apps.

            body = error_body(429, str(error.detail))
            refusals.count(429, str(error.detail))
            log_refusal(request, body)
            return HttpResponse(
                JSONRenderer().render(body),
                status=429,
                content_type=JSONRenderer.media_type,
                headers={"Retry-After": str(getattr(error, "wait", 1))},
            )
        return None


def request_id_of(request: HttpRequest) -> str:
    """Return the `X-Request-ID` of a response: the client's own id if it is acceptable, else a new UUID."""
    sent: str = request.META.get("HTTP_X_REQUEST_ID", "")
    return sent if REQUEST_ID.fullmatch(sent) else str(uuid.uuid4())


def foreign_host_response(request: HttpRequest) -> HttpResponse:
    """Log the foreign host name of `request`, and return a 400 that says which setting would allow it."""
    # A client chose the name: as a Python literal it cannot forge a line, and a long one does not fill the log.
    sent = f"{request.META.get('HTTP_HOST') or request.META.get('SERVER_NAME', '')!a:.300}"
    log.warning("The host name %s is not in ALLOWED_HOSTS: the request is answered 400.", sent)
    detail = "The host name of this request is not in ALLOWED_HOSTS, a setting of this API."
    return HttpResponse(
        JSONRenderer().render(error_body(400, detail)), status=400, content_type=JSONRenderer.media_type
    )


def call_view(request: HttpRequest) -> HttpResponseBase:
    """Do what Django's handler does after the last middleware: find the view, call it, render its response.

    Left out, because this project uses neither: async views and ATOMIC_REQUESTS.
    """
    match = request.resolver_match = resolve(request.path_info)
    if request.method == "OPTIONS":
        return options_response(match.func)
    response: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
    if isinstance(response, SimpleTemplateResponse):
        response.render()
    return response


def options_response(view: Any) -> HttpResponse:
    """Return the methods of a DRF view in `Allow`, as the view names them. As for a preflight, no token is needed."""
    handlers = set(getattr(view, "actions", None) or dir(view.cls)) | {"options"}
    if "get" in handlers:
        handlers.add("head")
    allowed = ", ".join(name.upper() for name in view.cls.http_method_names if name in handlers)
    response = HttpResponse(status=204, headers={"Allow": allowed})
    del response.headers["Content-Type"]
    return response


def remove_malformed_session(request: HttpRequest) -> None:
    """Ignore a session cookie with NUL: the session is looked up by it, and PostgreSQL refuses NUL with an error."""
    if "\0" in request.COOKIES.get(settings.SESSION_COOKIE_NAME, ""):
        del request.COOKIES[settings.SESSION_COOKIE_NAME]


def as_json(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Return an HTML error that Django answered itself, with DEBUG too, as JSON. Errors of /admin stay HTML."""
    if response.headers.get("Content-Type") == JSONRenderer.media_type or ADMIN.match(request.path_info):
        return response
    # The replaced response is not closed: close() would send request_finished before the request has finished.
    return HttpResponse(
        JSONRenderer().render(error_body(response.status_code)),
        status=response.status_code,
        content_type=JSONRenderer.media_type,
        headers={name: value for name, value in response.items() if not name.startswith("Content-")},
    )


def add_content_length(response: HttpResponseBase) -> None:
    """Add `Content-Length`, as Django's CommonMiddleware does for pages: HTTP/1.0 proxies and HEAD need it."""
    # 204 and 304 have no body (RFC 9110, section 8.6).
    if isinstance(response, HttpResponse) and response.status_code not in {204, 304}:
        response.headers.setdefault("Content-Length", str(len(response.content)))
