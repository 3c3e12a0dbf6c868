"""Who the caller is, for frontends that want to show it."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import caller_of_request
from accounts.models import User


class MeSerializer(serializers.Serializer[None]):
    """The caller as answered. It describes the JSON for the OpenAPI document and is not run."""

    id = serializers.CharField(help_text="Better Auth's user id.")
    email = serializers.EmailField(allow_null=True, help_text="Null where the token names none.")
    name = serializers.CharField(allow_null=True, help_text="Null where the token names none.")
    created_at = serializers.DateTimeField(help_text="When the person signed up, or was first seen here.")
    expires_at = serializers.DateTimeField(help_text="When the token expires.")


class MeView(APIView):
    """Who the token says the caller is."""

    @extend_schema(operation_id="me", summary="Who am I", tags=["me"], responses=MeSerializer)
    def get(self, request: Request) -> Response:
        """The caller, as the token names them."""
        caller = caller_of_request(request)
        created_at = caller.created_at or User.objects.values_list("created_at", flat=True).get(pk=caller.id)
        return Response(
            {
                "id": caller.id,
                "email": caller.email,
                "name": caller.name,
                "created_at": created_at,
                "expires_at": caller.expires_at,
            },
            headers={"Cache-Control": "private, no-cache", "Vary": "Authorization"},
        )


class AuthMeView(MeView):
    """The same at /api/auth/me. Behind a same-origin rewrite Better Auth's own handler takes /api/auth/*."""

    @extend_schema(operation_id="auth_me", summary="Who am I (second address)", tags=["me"], responses=MeSerializer)
    def get(self, request: Request) -> Response:
        """The caller, as the token names them."""
        return super().get(request)
