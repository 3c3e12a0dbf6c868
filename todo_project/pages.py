"""The addresses that tell about the service itself: no token, no database."""

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from todo_project import openapi


class PublicView(APIView):
    """A view for everybody: a token is neither needed nor looked at."""

    authentication_classes = ()
    permission_classes = (AllowAny,)


class RootView(PublicView):
    """Tells a person who opens the address that the API is there."""

    @extend_schema(operation_id="root", summary="Name and status", tags=["service"], responses=openapi.ROOT)
    def get(self, request: Request) -> Response:
        """The API's name and version."""
        return Response({"message": "Todo API v2.0", "status": "running"})


class HealthView(PublicView):
    """Tells a platform that the process answers. A query would keep a scale-to-zero database awake."""

    @extend_schema(operation_id="health", summary="Health", tags=["service"], responses=openapi.HEALTH)
    def get(self, request: Request) -> Response:
        """Healthy while the process answers; it does not ask the database."""
        return Response({"status": "healthy"})
