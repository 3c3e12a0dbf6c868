"""This API's settings; only the views of tasks are others."""

from todo_project.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.peers.orm.urls"
