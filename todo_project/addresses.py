"""One address for each resource: the host must be ours, and a trailing slash makes no difference."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from todo_project.admin_only import ADMIN_PATH


class AddressMiddleware:
    """Refuses foreign host names and serves every address with and without a trailing slash.

    A redirect to the other spelling would drop tokens and bodies, so the slash is taken off before routing.
    The admin keeps its slashes: its own links have them.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer to the address without its slash."""
        request.get_host()  # Raises DisallowedHost, which is answered 400.
        path = request.path_info
        if len(path) > 1 and path.endswith("/") and not path.startswith(f"{ADMIN_PATH}/"):
            request.path_info = path[:-1]
        return self.get_response(request)
