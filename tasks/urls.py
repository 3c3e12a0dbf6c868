"""The routes of tasks, nested under their owner's id."""

from django.urls import path
from rest_framework.routers import DynamicRoute, Route, SimpleRouter

from tasks.views.moves import MoveView
from tasks.views.sync import ChangesViewSet
from tasks.views.tasks import TaskViewSet
from tasks.views.user_data import UserDataViewSet


class TaskRouter(SimpleRouter):
    """DRF's router, whose list route has the bulk operations too."""

    routes: list[Route | DynamicRoute] = [
        route._replace(mapping={**route.mapping, "patch": "mark_all", "delete": "clear"})
        if isinstance(route, Route) and route.name == "{basename}-list"
        else route
        for route in SimpleRouter.routes
    ]


router = TaskRouter(trailing_slash=False, use_regex_path=False)
router.register("<str:user_id>/tasks", TaskViewSet, basename="task")

urlpatterns = [
    path("moves", MoveView.as_view(), name="moves"),
    # Before the tasks: there, `changes` would be a task's id.
    path("<str:user_id>/tasks/changes", ChangesViewSet.as_view({"get": "changes"}), name="task-changes"),
    *router.urls,
    path("<str:user_id>/export", UserDataViewSet.as_view({"get": "export"}), name="export"),
]
# Must come last: with an empty API_PREFIX it matches every path of one segment.
erasure_urlpatterns = [path("<str:user_id>", UserDataViewSet.as_view({"delete": "erase"}), name="erasure")]
