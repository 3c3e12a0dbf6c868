"""Prometheus reads /metrics with a token of its own; one worker answers for all of them."""

import os
import re
import subprocess
import sys

import pytest
from pytest_django.fixtures import Settings

from tests.support.api_server import Api, manage
from tests.support.databases import fresh_database, server_url
from tests.support.people import Person, token_of
from tests.support.server import SERVERS, until
from todo_project import metrics

TOKEN = "the-token-of-prometheus"
AUTHORIZATION = f"Bearer {TOKEN}"


def value_of(text: str, name: str, **labels: str) -> float:
    """The sum of the samples of a metric that have these labels."""
    total = 0.0
    for line in text.splitlines():
        match = re.fullmatch(rf"{name}(?:\{{(.*)\}})? (\S+)", line)
        if match and all(f'{label}="{value}"' in (match[1] or "") for label, value in labels.items()):
            total += float(match[2])
    return total


def scraped(api: Api) -> str:
    """What Prometheus reads."""
    return api.send("GET", "/metrics", Authorization=AUTHORIZATION).body.decode()


def test_without_the_setting_there_are_no_metrics(nobody: Person) -> None:
    assert nobody.get("/metrics", authorization=AUTHORIZATION).error == (404, "NOT_FOUND")


@pytest.mark.parametrize("sent", [None, "Bearer x", "Bearer ", TOKEN, "Bearer \xe9"])
def test_without_the_token_metrics_are_401(nobody: Person, settings: Settings, sent: str | None) -> None:
    settings.METRICS_TOKEN = TOKEN
    headers = {} if sent is None else {"authorization": sent}

    refused = nobody.get("/metrics", **headers)

    assert refused.error == (401, "NOT_AUTHENTICATED")
    assert refused.headers["WWW-Authenticate"] == "Bearer"


def test_with_the_token_they_are_shown(nobody: Person, settings: Settings) -> None:
    settings.METRICS_TOKEN = TOKEN

    counts = []
    for _ in range(3):
        metrics.count_request("GET", "/nowhere", "200", 0.1)  # As the server does it.
        shown = nobody.get("/metrics", authorization=AUTHORIZATION).content.decode()
        counts.append(value_of(shown, "todo_request_seconds_count", route="/nowhere"))

    assert counts == [counts[0], counts[0] + 1, counts[0] + 2]


def test_the_first_requests_are_all_counted_if_they_come_at_once() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", IN_MANY_THREADS], env=ENVIRONMENT, capture_output=True, text=True, check=False
    )

    assert ended.returncode == 0, ended.stderr
    assert value_of(ended.stdout, "todo_request_seconds_count", route="/nowhere") == 8


def test_what_is_refused_is_shown_even_if_nothing_was_counted_before(nobody: Person, settings: Settings) -> None:
    assert nobody.get("/api/me").status == 401  # No metrics are kept without the setting.
    settings.METRICS_TOKEN = TOKEN

    def refused() -> float:
        answer = nobody.get("/metrics", authorization=AUTHORIZATION)
        return value_of(answer.content.decode(), "todo_refusals_total", status="401")

    before = refused()
    assert nobody.get("/api/me").status == 401
    assert refused() == before + 1


@pytest.mark.parametrize("server", SERVERS)
def test_one_worker_answers_for_all(django_db_setup: None, server: str) -> None:
    tasks = {"method": "GET", "route": "/api/{user_id}/tasks"}
    with fresh_database(server_url()) as url:
        assert manage(url, "migrate", "--verbosity=0").returncode == 0
        with Api(url, server, WEB_CONCURRENCY="2", METRICS_TOKEN=TOKEN) as api:
            bearer = {"Authorization": f"Bearer {token_of('ada', secret=api.secret)}"}
            for _ in range(20):
                assert api.send("GET", "/api/ada/tasks", **bearer).status == 200
            assert api.send("GET", "/api/bob/tasks", **bearer).status == 403
            assert api.send("GET", "/nothing").status == 404
            # A request is counted once its response has been sent.
            until(lambda: value_of(scraped(api), "todo_request_seconds_count", **tasks, status="200") >= 20)
            until(lambda: value_of(scraped(api), "todo_request_seconds_count", route="none", status="404") >= 1)
            text = scraped(api)

    assert value_of(text, "todo_request_seconds_count", **tasks, status="200") == 20
    assert value_of(text, "todo_request_seconds_bucket", **tasks, status="200", le="+Inf") == 20
    assert value_of(text, "todo_request_seconds_count", route="none", status="404") == 1
    assert value_of(text, "todo_refusals_total", status="403") == 1
    assert value_of(text, "todo_pool_connections") >= 1
    assert value_of(text, "todo_token_cache_entries") >= 1
    assert value_of(text, "todo_token_cache_hits") + value_of(text, "todo_token_cache_misses") >= 1
    assert "ada" not in text


ENVIRONMENT = {**os.environ, "DJANGO_SETTINGS_MODULE": "todo_project.settings", "METRICS_TOKEN": TOKEN}
IN_MANY_THREADS = """
import django; django.setup()
import threading
from todo_project import metrics
together = threading.Barrier(8)
def count():
    together.wait()
    metrics.count_request("GET", "/nowhere", "200", 0.1)
threads = [threading.Thread(target=count) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(metrics.exposition(metrics.current()).decode())
"""
IN_ONE_PROCESS = """
import django; django.setup()
from accounts.tokens import jwks
from todo_project import metrics
from accounts.tokens import jwks
from django.conf import settings
from todo_project import metrics, refusals
import os, time
{prepare}
settings.BETTER_AUTH_KEYS = "table"
keys = jwks.current_keys()
keys.keys, keys.loaded_at = {{"k": []}}, time.monotonic() - 100
metrics.count_request("BREW", None, "404", 0.1)
metrics.count_request("BREW", None, "404", 0.1)
refusals.count(401, "Because.")
if metrics.FOLDER in os.environ:
    import pathlib
    folder = pathlib.Path(os.environ[metrics.FOLDER])
    (gauge,) = folder.glob("gauge_livesum_*.db")
    (folder / "gauge_livesum_99999999.db").write_bytes(gauge.read_bytes())
print(metrics.exposition(metrics.current()).decode())
if metrics.FOLDER in os.environ:
    print("dead", (folder / "gauge_livesum_99999999.db").exists())
    metrics.remove(str(folder), 1)
    print("kept", folder.exists())
    metrics.remove(str(folder), os.getpid())
    print("kept", folder.exists())
"""


@pytest.mark.parametrize("is_shared", [True, False])
def test_a_process_has_refusals_by_reason_and_the_age_of_its_keys(is_shared: bool) -> None:
    code = IN_ONE_PROCESS.format(prepare="metrics.prepare()" if is_shared else "")
    text = subprocess.run([sys.executable, "-c", code], env=ENVIRONMENT, capture_output=True, text=True, check=False)

    assert text.returncode == 0, text.stderr
    assert value_of(text.stdout, "todo_request_seconds_count", method="other", route="none") == 2
    assert value_of(text.stdout, "todo_refusals_total", status="401", reason="Because.") == 1
    assert 100 <= value_of(text.stdout, "todo_key_set_age_seconds") < 200
    assert ("dead False\nkept True\nkept False" in text.stdout) == is_shared
