"""The addresses of tasks, nested under the id of the user whose they are."""

from rest_framework.routers import SimpleRouter

from tasks.views import TaskViewSet

router = SimpleRouter(trailing_slash=False, use_regex_path=False)
router.register("<str:user_id>/tasks", TaskViewSet, basename="task")

urlpatterns = router.urls
