"""The views of the service itself: root, health, OpenAPI document, Swagger UI and ReDoc. No token, no database."""

import functools
import json
from typing import Any, ClassVar

from django.conf import settings
from django.http import HttpResponse
from django.utils.crypto import constant_time_compare
from django.utils.csp import CSP
from django.utils.decorators import method_decorator
from django.views.decorators.csp import csp_override
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import TemplateView
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import APIException, NotFound
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from todo_project import metrics, openapi, readiness
from todo_project.rest import DETAILS, RETRY_AFTER_SECONDS, error_response


class PublicView(APIView):
    authentication_classes = ()
    permission_classes = (AllowAny,)


class RootView(PublicView):
    @extend_schema(operation_id="root", summary="Name and status", tags=["service"], responses=openapi.ROOT)
    def get(self, request: Request) -> Response:
        """The API's name and version."""
        return Response({"message": "Todo API v2.0", "status": "running"})


class HealthView(PublicView):
    """Health check for platforms. It asks no database: a query would keep a scale-to-zero database awake."""

    @extend_schema(operation_id="health", summary="Health", tags=["service"], responses=openapi.HEALTH)
    def get(self, request: Request) -> Response:
        """Healthy while the process answers; it does not ask the database."""
        return Response({"status": "healthy"})


class ReadyView(PublicView):
    @extend_schema(operation_id="ready", summary="Readiness", tags=["service"], responses=openapi.READY)
    def get(self, request: Request) -> Response:
        """Ready if the database answers and has every migration; else 503. For load balancers and releases."""
        if not readiness.is_migrated():
            return error_response(503, "The database lacks migrations.", headers={"Retry-After": RETRY_AFTER_SECONDS})
        return Response({"status": "ready"})


class MetricsTokenRequired(APIException):
    """Raised and not returned, so that a guess is logged and counted as a refused token is."""

    status_code = 401
    default_detail = "METRICS_TOKEN is required."
    headers: ClassVar = {"WWW-Authenticate": "Bearer"}


class MetricsView(PublicView):
    @extend_schema(exclude=True)
    def get(self, request: Request) -> HttpResponse:
        """Metrics for Prometheus, whose `authorization.credentials` are METRICS_TOKEN. Without that setting, 404."""
        kept = metrics.current()
        if kept is None:
            raise NotFound(DETAILS[404])
        sent = request.META.get("HTTP_AUTHORIZATION", "").encode()
        if not constant_time_compare(sent, f"Bearer {settings.METRICS_TOKEN}".encode()):
            raise MetricsTokenRequired
        return HttpResponse(metrics.exposition(kept), content_type="text/plain; version=0.0.4; charset=utf-8")


@functools.cache
def document() -> bytes:
    """Return the OpenAPI document, which does not change while the process runs."""
    schema: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]  # untyped
    return json.dumps(schema, ensure_ascii=False).encode()


class OpenAPIView(PublicView):
    @extend_schema(exclude=True)
    def get(self, request: Request) -> HttpResponse:
        return HttpResponse(document(), content_type="application/json")


@method_decorator(csrf_exempt, name="dispatch")  # These pages have no form: a POST is 405, not a CSRF failure.
class SwaggerView(TemplateView):
    http_method_names = ["get", "head", "options"]
    template_name = "documentation/swagger.html"


# ReDoc writes styles into the page, and its search runs in a worker made of a blob. Its vendor's logo, which it loads
# from a CDN, stays blocked: ReDoc then leaves the picture out.
REDOC_CSP: dict[str, list[str]] = {
    **settings.SECURE_CSP,
    "style-src": [CSP.SELF, CSP.UNSAFE_INLINE],
    "worker-src": [CSP.SELF, "blob:"],
}


@method_decorator([csrf_exempt, csp_override(REDOC_CSP)], name="dispatch")
class RedocView(TemplateView):
    http_method_names = ["get", "head", "options"]
    template_name = "documentation/redoc.html"
