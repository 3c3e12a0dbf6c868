"""The addresses of tasks, nested under the id of the user whose they are."""

from django.urls import path
from rest_framework.routers import DynamicRoute, Route, SimpleRouter

from tasks.views.changes import ChangesViewSet
from tasks.views.leaving import LeavingViewSet, MeOrErasureView
from tasks.views.tasks import TaskViewSet


class TaskRouter(SimpleRouter):
    """DRF's router, whose list route takes the bulk operations too."""

    routes: list[Route | DynamicRoute] = [
        route._replace(mapping={**route.mapping, "patch": "mark_all", "delete": "clear"})
        if isinstance(route, Route) and route.name == "{basename}-list"
        else route
        for route in SimpleRouter.routes
    ]


router = TaskRouter(trailing_slash=False, use_regex_path=False)
router.register("<str:user_id>/tasks", TaskViewSet, basename="task")

urlpatterns = [
    # Before the tasks: there `changes` would be the id of one.
    path("<str:user_id>/tasks/changes", ChangesViewSet.as_view({"get": "changes"}), name="task-changes"),
    *router.urls,
    path("<str:user_id>/export", LeavingViewSet.as_view({"get": "export"}), name="export"),
    path("me", MeOrErasureView.as_view(), name="me"),
]
# Looked at last of all: where API_PREFIX is empty, every other address of one word looks like a person's.
address_of_a_person = [path("<str:user_id>", LeavingViewSet.as_view({"delete": "erase"}), name="erasure")]
