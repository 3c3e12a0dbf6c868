"""The image gets the code and nothing else, and every way to deploy stops the API with time for what is in progress."""

import json
import re
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.checkout import CODE, FILES, PROJECT
from todo_project.server.granian_server import GRACE_SECONDS

DOCKERFILE = (PROJECT / "Dockerfile").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((PROJECT / "compose.yaml").read_text(encoding="utf-8"))
VARIABLES = set(re.findall(r"^(\w+)=", (PROJECT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE))
RELEASE, SERVE = ("python manage.py migrate", "python manage.py serve --no-migrate")
RENDER, RAILWAY = (PROJECT / "docs" / "deploy" / f"{name}.md" for name in ("render", "railway"))


def block(document: Path, language: str) -> str:
    """Return the first block of code in this language."""
    return document.read_text(encoding="utf-8").split(f"```{language}\n")[1].split("```")[0]


def copied() -> set[str]:
    return {name for line in re.findall(r"^COPY (.*) \S+$", DOCKERFILE, re.MULTILINE) for name in line.split()}


def test_the_image_has_all_the_code_and_nothing_else() -> None:
    assert copied() == {"requirements.lock", *CODE, *FILES}


def test_nothing_but_that_is_sent_to_the_builder() -> None:
    lines = (PROJECT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert lines[1] == "*", "first everything is left out"

    assert {line[1:] for line in lines if line.startswith("!")} == copied()
    assert any(fnmatch("**/__pycache__", line) for line in lines)


def test_the_image_is_not_root_and_serves_without_migrating() -> None:
    instructions = dict(re.findall(r"^(USER|CMD|STOPSIGNAL) (.*)$", DOCKERFILE, re.MULTILINE))

    assert instructions == {
        "USER": "10001:10001",
        "CMD": json.dumps(SERVE.split()),
        "STOPSIGNAL": "SIGTERM",
    }
    assert "--require-hashes" in DOCKERFILE


def test_the_procfile_migrates_and_serves() -> None:
    assert (PROJECT / "Procfile").read_text(encoding="utf-8") == f"release: {RELEASE}\nweb: {SERVE}\n"


@pytest.mark.parametrize("service", ["api", "migrate"])
def test_compose_sets_only_variables_that_the_api_knows(service: str) -> None:
    environment = COMPOSE["services"][service]["environment"]

    assert set(environment) <= VARIABLES
    assert {"DATABASE_URL", "SECRET_KEY", "BETTER_AUTH_SECRET"} <= set(environment)


def test_compose_migrates_past_the_pooler_before_it_serves() -> None:
    migrate, api = COMPOSE["services"]["migrate"], COMPOSE["services"]["api"]

    assert " ".join(migrate["command"]) == RELEASE
    assert "@postgres:" in migrate["environment"]["DATABASE_URL_UNPOOLED"]
    assert api["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    assert COMPOSE["services"]["pgbouncer"]["profiles"] == ["pgbouncer"]
    assert "pool_mode = transaction" in COMPOSE["configs"]["pgbouncer"]["content"]


def test_every_description_waits_longer_than_the_grace_of_the_server() -> None:
    web = yaml.safe_load(block(RENDER, "yaml"))["services"][0]
    railway = json.loads(block(RAILWAY, "json"))["deploy"]
    unit = (PROJECT / "docs" / "deploy" / "todo-api.service").read_text(encoding="utf-8")

    waits = {
        "compose": int(COMPOSE["services"]["api"]["stop_grace_period"].removesuffix("s")),
        "Render": web["maxShutdownDelaySeconds"],
        "Railway": railway["drainingSeconds"],
        "systemd": int(re.findall(r"TimeoutStopSec=(\d+)", unit)[0]),
    }
    assert all(seconds > GRACE_SECONDS for seconds in waits.values()), waits


def test_platforms_migrate_in_their_release_step_and_ask_for_health() -> None:
    web, cron = yaml.safe_load(block(RENDER, "yaml"))["services"]
    railway = json.loads(block(RAILWAY, "json"))["deploy"]

    assert web["preDeployCommand"] == RELEASE
    assert railway["preDeployCommand"] == [RELEASE]
    assert web["healthCheckPath"] == railway["healthcheckPath"] == "/health"
    assert {variable["key"] for service in (web, cron) for variable in service["envVars"]} <= VARIABLES
