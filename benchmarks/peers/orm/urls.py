"""This API's URLs; those of tasks come first, and lead to the views that use the ORM."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from benchmarks.peers.orm.views import OrmTaskViewSet

router = SimpleRouter(trailing_slash=False, use_regex_path=False)
router.register("<str:user_id>/tasks", OrmTaskViewSet, basename="task")

urlpatterns = [path("api/", include(router.urls)), path("", include("todo_project.urls"))]
