"""DRF's dispatch without the questions whose answers never change here.

DRF makes the objects of a view's policies for each request, because a view may choose them for each, and asks for what
this API does not have: format suffixes, versions, other renderers. Every method below overrides a documented one and
does what DRF's does, with a fixed answer, except that throttles come before permissions. Together they save 12 % of a
GET's CPU in this process (docs/decisions/0026-request-path.md).
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView


@cache
def instances(classes: tuple[Callable[[], Any], ...]) -> list[Any]:
    """Return one instance of each class, for all requests: they keep nothing of a request."""
    return [create() for create in classes]


class FixedPoliciesMixin(APIView):
    """Goes before a DRF view whose policies are the same for all requests."""

    def get_authenticators(self) -> list[Any]:
        return instances(tuple(self.authentication_classes))

    def get_permissions(self) -> list[Any]:
        return instances(tuple(self.permission_classes))

    def get_throttles(self) -> list[Any]:
        return instances(tuple(self.throttle_classes))

    def get_parsers(self) -> list[Any]:
        return instances(tuple(self.parser_classes))

    def perform_content_negotiation(self, request: Request, force: bool = False) -> tuple[BaseRenderer, str]:
        """Return the only renderer, regardless of `Accept`."""
        (renderer,) = instances(tuple(self.renderer_classes))
        return renderer, renderer.media_type

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Answer a request, and forget it: a view is made for one.

        DRF's request contains itself, and the view contains methods of its own. So all that belongs to a request, its
        response too, would stay in memory until the next garbage collection, which would have to look at all of it.
        """
        response = super().dispatch(request, *args, **kwargs)
        self.request.parser_context.clear()
        vars(self).clear()
        return response

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        """Set what views read often on DRF's request, which otherwise looks for it in itself, then in Django's."""
        wrapper = super().initialize_request(request, *args, **kwargs)
        wrapper.method, wrapper.META = request.method, request.META
        return wrapper

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Authenticate, and check throttles and permissions.

        In DRF the permissions come first, and then who tries the paths of others is never throttled.
        """
        self.perform_authentication(request)
        self.check_throttles(request)
        self.check_permissions(request)

    def perform_authentication(self, request: Request) -> None:
        """Set `user` and `auth`. DRF does so when somebody asks for `user`, and first looks for it in two places."""
        caller: Any = (None, None)
        request.user, request.auth = caller  # As after a refusal.
        for authenticator in request.authenticators or ():
            caller = authenticator.authenticate(request)
            if caller is not None:
                request.user, request.auth = caller
                return

    def finalize_response(self, request: Request, response: HttpResponseBase, *args: Any, **kwargs: Any) -> Any:
        """Add `Allow`. Only errors are DRF's own responses, which need a renderer."""
        if isinstance(response, Response):
            return super().finalize_response(request, response, *args, **kwargs)
        for name, value in self.headers.items():
            response.headers[name] = value
        return response
