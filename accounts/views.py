"""GET /api/me: who the token says the caller is; and the metadata of this API as a resource of OAuth."""

from datetime import datetime
from typing import cast
from urllib.parse import urlsplit

from django.conf import settings
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.caller import Caller
from accounts.models import User
from accounts.resource import metadata, metadata_url
from accounts.users import restore_user


class MeSerializer(serializers.Serializer[None]):
    """The body of GET /api/me."""

    id = serializers.CharField(help_text="Better Auth's user id.")
    email = serializers.EmailField(allow_null=True, help_text="Null if the token does not say.")
    name = serializers.CharField(allow_null=True, help_text="Null if the token does not say.")
    created_at = serializers.DateTimeField(help_text="When the user signed up, or was first seen here.")
    expires_at = serializers.DateTimeField(help_text="When the token expires.")


ME = OpenApiResponse(
    MeSerializer,
    description="Who the token says you are.",
    examples=[
        OpenApiExample(
            "Ada",
            {
                "id": "k3mXv9Qb2LpR7sTdY1wZ4aNc6eFgHj0u",
                "email": "ada@example.com",
                "name": "Ada",
                "created_at": "2026-11-20T12:00:00.123456Z",
                "expires_at": "2026-11-27T12:00:00.000000Z",
            },
        )
    ],
)


def first_seen_at(caller: Caller) -> datetime:
    """Return when the row of `caller` was created; if it was deleted since, create it again."""
    created = User.objects.filter(pk=caller.id).values_list("created_at", flat=True)
    while (created_at := created.first()) is None:
        restore_user(caller)
    return created_at


class MeView(APIView):
    @extend_schema(operation_id="me", summary="Who am I", tags=["me"], responses=ME)
    def get(self, request: Request) -> Response:
        """Who the token says the caller is."""
        caller = cast(Caller, request.user)  # DRF's types know only Django's own users.
        created_at = caller.created_at or first_seen_at(caller)
        return Response(
            {
                "id": caller.id,
                "email": caller.email,
                "name": caller.name,
                "created_at": created_at,
                "expires_at": caller.expires_at,
            },
            headers={"Cache-Control": "private, no-cache", "Vary": ", ".join(settings.CREDENTIAL_HEADERS)},
        )


class AuthMeView(MeView):
    """The same at /api/auth/me. Behind a same-origin rewrite, Better Auth's own handler takes /api/auth/*."""

    @extend_schema(operation_id="auth_me", summary="Who am I (second URL)", tags=["me"], responses=ME)
    def get(self, request: Request) -> Response:
        return super().get(request)


class ResourceMetadataView(APIView):
    """Where OAuth clients find the sign-in (RFC 9728). 404 unless BETTER_AUTH_RESOURCE names this URL's resource."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(exclude=True)
    def get(self, request: Request, path: str = "") -> Response:
        if not settings.BETTER_AUTH_RESOURCE or urlsplit(metadata_url()).path != request.path_info:
            raise NotFound
        return Response(metadata())
