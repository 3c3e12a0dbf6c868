"""The API's documentation: the OpenAPI document, and Swagger UI and ReDoc on top of it, all from this server."""

import functools
from typing import Any

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.csp import CSP
from django.utils.decorators import method_decorator
from django.views.decorators.csp import csp_override
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import TemplateView
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from todo_project.pages import PublicView


@functools.cache
def document() -> bytes:
    """The OpenAPI document, which does not change while the process lives."""
    schema: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]  # untyped
    return orjson.dumps(schema)


class OpenAPIView(PublicView):
    """The OpenAPI 3.1 document."""

    @extend_schema(exclude=True)
    def get(self, request: Request) -> HttpResponse:
        """The document as JSON."""
        return HttpResponse(document(), content_type="application/json")


@method_decorator(csrf_exempt, name="dispatch")  # These pages have no form: a POST is 405 and not a forgery.
class SwaggerView(TemplateView):
    """Swagger UI: read the API and try it out."""

    http_method_names = ["get", "head"]
    template_name = "documentation/swagger.html"


# ReDoc writes its styles into the page and searches in a worker that it makes of a blob. Its maker's logo, which it
# asks a CDN for, stays refused: it then leaves the picture out.
REDOC_POLICY: dict[str, list[str]] = {
    **settings.SECURE_CSP,
    "style-src": [CSP.SELF, CSP.UNSAFE_INLINE],
    "worker-src": [CSP.SELF, "blob:"],
}


@method_decorator([csrf_exempt, csp_override(REDOC_POLICY)], name="dispatch")
class RedocView(TemplateView):
    """ReDoc: read the API at leisure."""

    http_method_names = ["get", "head"]
    template_name = "documentation/redoc.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The page, under its own policy."""
        return super().dispatch(request, *args, **kwargs)
