"""The admin site under /admin: Django's own, with this product's name, front page, time zone, sign-in and refusals."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.admin import AdminSite
from django.contrib.admin.exceptions import DisallowedModelAdminLookup, DisallowedModelAdminToField
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.template.response import SimpleTemplateResponse, TemplateResponse
from django.utils import timezone
from django.views.defaults import bad_request

# People and tasks first. Django's own names are for programmers.
APPS = {"accounts": "People", "tasks": "Tasks", "auth": "Operators"}
MODELS = {"auth.User": "Operators", "auth.Group": "Roles"}
ZONE_COOKIE = "operator_timezone"
REFUSALS = (BadRequest, DisallowedModelAdminLookup, DisallowedModelAdminToField)
NUMBERS_ARE_FOR = ("accounts.view_user", "tasks.view_task")


class BrandedAdminSite(AdminSite):
    site_header = "Todo API"
    site_title = "Todo API"
    index_title = "Overview"
    site_url = "/docs"
    index_template = "operators/dashboard.html"
    enable_nav_sidebar = False  # Three links, for which lists would lose a fifth of their width; the header has them.

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Any:
        """Let pages show times in the zone of the operator's browser, and refuse what no page sends."""
        inner = super().admin_view(view, cacheable)

        def in_zone(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            with timezone.override(zone_of(request)):
                try:
                    refuse_nul(request)
                    response = inner(request, *args, **kwargs)
                except REFUSALS as error:  # Answered here: Django would log an error with a traceback.
                    return bad_request(request, error)
                if isinstance(response, SimpleTemplateResponse) and not response.is_rendered:
                    response.render()
                return response

        return update_wrapper(in_zone, inner)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        return {**super().each_context(request), "zone_name": timezone.get_current_timezone_name()}

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        apps = super().get_app_list(request, app_label)
        for app in apps:
            app["name"] = APPS.get(app["app_label"], app["name"])
            for model in app["models"]:
                label = f"{app['app_label']}.{model['object_name']}"
                model["name"] = MODELS.get(label, model["name"])
            app["models"].sort(key=lambda model: model["name"])
        order = list(APPS)
        return sorted(apps, key=lambda app: order.index(app["app_label"]) if app["app_label"] in order else len(order))

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Show the numbers to whoever may see people and tasks."""
        # Imported here: this module is imported before any model is.
        from tasks.admin.dashboard import dashboard_context
        from todo_project import refusals

        context = dict(extra_context or {})
        if request.user.has_perms(NUMBERS_ARE_FOR):
            context |= dashboard_context() | {
                "refusals": refusals.most_common(),
                "refusals_since": refusals.counts.since,
            }
        response = super().index(request, context)
        if context.get("is_counting"):
            response.headers["Refresh"] = "2"  # The numbers are there then.
        return response

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        from todo_project.sign_in import WINDOW, SignInForm

        self.login_form = SignInForm
        response = super().login(request, extra_context)
        if getattr((getattr(response, "context_data", None) or {}).get("form"), "is_throttled", False):
            response.status_code = 429
            response.headers["Retry-After"] = str(int(WINDOW.total_seconds()))
        return response


def refuse_nul(request: HttpRequest) -> None:
    """Raise BadRequest if an address has the one character that PostgreSQL has in no text.

    Forms look for it themselves, and say in which field it is.
    """
    asked = (text for name, texts in request.GET.lists() for text in (name, *texts))
    if "\0" in request.path_info or any("\0" in text for text in asked):
        raise BadRequest("There is a NUL character in the address.")


def zone_of(request: HttpRequest) -> ZoneInfo:
    """Return the time zone of the operator's browser, which a script of the pages puts into a cookie; else UTC."""
    try:
        return ZoneInfo(request.COOKIES.get(ZONE_COOKIE, "").replace("%2F", "/") or "UTC")
    except (ValueError, OSError):  # ZoneInfoNotFoundError is a KeyError
        return ZoneInfo("UTC")
    except KeyError:
        return ZoneInfo("UTC")
