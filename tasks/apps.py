"""The tasks app."""

from django.apps import AppConfig


class TasksConfig(AppConfig):
    """Tasks and whose they are."""

    name = "tasks"
