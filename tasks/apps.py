"""The tasks app."""

from django.apps import AppConfig


class TasksConfig(AppConfig):
    """Tasks and whose they are."""

    name = "tasks"

    def ready(self) -> None:
        from tasks import checks  # noqa: F401  Registers the system checks, which import the models.
