"""Above a rate, users, addresses and refused tokens are 429 THROTTLED, with what is left in the RateLimit fields."""

import os
import threading
from collections import Counter
from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from tests.support.api_server import Api, manage
from tests.support.databases import fresh_database, server_url
from tests.support.people import Person, signed_in, token_of
from tests.support.server import SERVERS
from tests.support.tokens import RAW, by_secret, minted
from todo_project import allowances, refusals, throttles
from todo_project.allowances import Rate, SharedTable

FORGED = "Bearer forged"


class Clock:
    """Stands still until it is moved."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of an empty table."""
    clock = Clock()
    monkeypatch.setattr(throttles, "table", SharedTable(clock))
    return clock


def test_without_a_rate_nothing_is_limited(owner: Person, clock: Clock) -> None:
    answer = owner.get(owner.tasks)

    assert answer.status == 200
    assert "RateLimit" not in answer.headers


def test_a_user_above_the_rate_is_429_until_there_is_room(owner: Person, clock: Clock, settings: Settings) -> None:
    settings.THROTTLE_USER = Rate(3, 60)

    answers = [owner.get(owner.tasks) for _ in range(3)]
    assert [answer.status for answer in answers] == [200] * 3
    assert answers[0].headers["RateLimit-Policy"] == '"user";q=3;w=60'
    assert [answer.headers["RateLimit"] for answer in answers] == [
        f'"user";r={left};t={reset}' for left, reset in ((2, 20), (1, 40), (0, 60))
    ]

    refused = owner.get(owner.tasks)
    assert refused.error == (429, "THROTTLED")
    assert refused.headers["Retry-After"] == "20"
    assert refused.headers["RateLimit"] == '"user";r=0;t=60'

    clock.now += 19.5
    assert owner.get(owner.tasks).headers["Retry-After"] == "1"
    clock.now += 0.5
    assert owner.get(owner.tasks).status == 200


@pytest.mark.parametrize("setting", ["THROTTLE_USER", "THROTTLE_ADDRESS"])
def test_each_429_has_a_line_in_the_log_by_which_support_finds_it(
    owner: Person, clock: Clock, settings: Settings, caplog: pytest.LogCaptureFixture, setting: str
) -> None:
    caplog.set_level("INFO", "todo_project.refusal_log")
    setattr(settings, setting, Rate(1, 60))

    assert [owner.get(owner.tasks).status for _ in range(2)] == [200, 429]

    [line] = [record.getMessage() for record in caplog.records if record.name == "todo_project.refusal_log"]
    assert line.startswith("Refused with 429 THROTTLED: ")
    assert line.endswith("with a JWT signed with the shared secret, from 127.0.0.1.")


@pytest.mark.parametrize("setting", ["THROTTLE_USER", "THROTTLE_ADDRESS"])
def test_each_429_is_counted_for_the_same_reason_however_long_the_wait(
    owner: Person, clock: Clock, settings: Settings, setting: str
) -> None:
    refusals.counts.clear()
    setattr(settings, setting, Rate(1, 60))

    answers = []
    for _ in range(3):
        answers.append(owner.get(owner.tasks))
        clock.now += 10

    assert [answer.headers.get("Retry-After") for answer in answers] == [None, "50", "40"]
    assert refusals.most_common() == [(429, "Request was throttled.", 2)]


def test_users_are_counted_apart_and_a_refusal_takes_nothing(owner: Person, clock: Clock, settings: Settings) -> None:
    stranger = signed_in("stranger")
    settings.THROTTLE_USER = Rate(1, 60)

    assert [owner.get(owner.tasks).status for _ in range(3)] == [200, 429, 429]
    assert [stranger.get(stranger.tasks).status, stranger.get("/api/me").status] == [200, 429]
    clock.now += 60
    assert owner.get(owner.tasks).status == 200


def test_a_move_counts_for_the_user_who_receives_the_tasks(owner: Person, clock: Clock, settings: Settings) -> None:
    stranger = signed_in("stranger")
    settings.THROTTLE_USER = Rate(2, 60)
    order = by_secret(minted(**{"sub": "owner", "from": "visitor"}), header={"alg": "HS256", "typ": "todo-move+jwt"})

    moved = Person("", order).post("/api/moves")

    assert (moved.status, moved.json) == (200, {"moved": 0})
    assert moved.headers["RateLimit"] == '"user";r=1;t=30'
    assert [owner.get(owner.tasks).status, Person("", order).post("/api/moves").status] == [200, 429]
    assert stranger.get(stranger.tasks).status == 200


def test_an_address_above_the_rate_is_429_without_a_look_at_its_token(
    owner: Person, nobody: Person, clock: Clock, settings: Settings
) -> None:
    settings.THROTTLE_ADDRESS = Rate(2, 60)

    assert [nobody.get("/api/me").status, owner.get(owner.tasks).status] == [401, 200]
    refused = owner.get(owner.tasks, origin="http://localhost:3000")
    assert refused.error == (429, "THROTTLED")
    assert refused.headers["Retry-After"] == "30"
    assert refused.headers["Access-Control-Allow-Origin"] == "http://localhost:3000"
    assert "RateLimit" in refused.headers["Access-Control-Expose-Headers"]
    assert owner.get(owner.tasks, x_forwarded_for="203.0.113.7").status == 200  # A proxy says so.


@pytest.mark.parametrize("path", ["/health", "/health/", "/ready", "/docs"])
def test_probes_and_pages_have_no_throttle(
    nobody: Person, db: None, clock: Clock, settings: Settings, path: str
) -> None:
    settings.THROTTLE_ADDRESS = settings.THROTTLE_FAILED_AUTH = Rate(1, 60)

    assert [nobody.get(path).status for _ in range(4)] == [200] * 4


def test_refused_tokens_have_a_rate_of_their_own(
    owner: Person, nobody: Person, clock: Clock, settings: Settings
) -> None:
    settings.THROTTLE_FAILED_AUTH = Rate(2, 60)

    assert [nobody.get("/api/me").status for _ in range(4)] == [401] * 4  # Without a token nobody has guessed.
    assert [owner.get(owner.tasks).status for _ in range(4)] == [200] * 4
    assert [nobody.get("/api/me", authorization=FORGED).status for _ in range(3)] == [401, 401, 429]
    assert owner.get(owner.tasks).headers["Retry-After"] == "30"
    clock.now += 30
    assert owner.get(owner.tasks).status == 200


def test_refused_session_cookies_count_as_refused_tokens(nobody: Person, clock: Clock, settings: Settings) -> None:
    settings.THROTTLE_FAILED_AUTH = Rate(2, 60)
    settings.BETTER_AUTH_SHARED_DATABASE = settings.BETTER_AUTH_SESSION_COOKIE = True
    forged = {"cookie": f"__Secure-better-auth.session_token={RAW}.forged"}

    assert [nobody.get("/api/me", cookie="theme=dark").status for _ in range(3)] == [401] * 3
    assert [nobody.get("/api/me", **forged).status for _ in range(3)] == [401, 401, 429]


def test_a_cookie_that_is_not_looked_at_is_no_guess(nobody: Person, clock: Clock, settings: Settings) -> None:
    settings.THROTTLE_FAILED_AUTH = Rate(1, 60)
    settings.BETTER_AUTH_SESSION_COOKIE = False

    assert [nobody.get("/api/me", cookie="better-auth.session_token=x").status for _ in range(3)] == [401] * 3


def test_guesses_of_the_metrics_token_count_as_refused_tokens(nobody: Person, clock: Clock, settings: Settings) -> None:
    settings.THROTTLE_FAILED_AUTH = Rate(2, 60)
    settings.METRICS_TOKEN = "a-token-for-prometheus"

    assert [nobody.get("/metrics").status for _ in range(3)] == [401] * 3
    assert [nobody.get("/metrics", authorization=FORGED).status for _ in range(3)] == [401, 401, 429]


def test_requests_for_another_users_path_count_for_the_user(owner: Person, clock: Clock, settings: Settings) -> None:
    stranger = signed_in("stranger")
    settings.THROTTLE_USER = Rate(2, 60)

    assert [owner.get(stranger.tasks).status for _ in range(3)] == [403, 403, 429]
    assert owner.get(owner.tasks).status == 429
    assert stranger.get(stranger.tasks).status == 200


def test_a_flood_of_keys_forgets_the_least_used_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(allowances, "SETS", 1)
    table, rate = SharedTable(Clock()), Rate(10, 60)
    for _ in range(10):
        table.take("address", "busy", rate)
    for number in range(100):
        assert table.take("address", f"{number}", rate).wait == 0

    assert table.take("address", "busy", rate).wait > 0


@pytest.fixture
def stopped() -> Iterator[SharedTable]:
    """A table of which another process holds every lock."""
    import fcntl

    table = SharedTable(Clock())
    held, done = os.pipe(), os.pipe()
    if (child := os.fork()) == 0:  # pragma: no cover  Another process.
        fcntl.lockf(table.memory.file, fcntl.LOCK_EX)
        os.write(held[1], b"x")
        os.read(done[0], 1)
        os._exit(0)
    os.read(held[0], 1)
    yield table
    os.write(done[1], b"x")
    os.waitpid(child, 0)


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_stopped_process_that_holds_a_lock_stops_nobody(stopped: SharedTable) -> None:
    assert [stopped.take("user", "a", Rate(1, 60)).wait for _ in range(2)] == [0, 60]


@pytest.mark.parametrize("server", SERVERS)
def test_workers_count_together(django_db_setup: None, server: str) -> None:
    with fresh_database(server_url()) as url:
        assert manage(url, "migrate", "--verbosity=0").returncode == 0
        with Api(url, server, WEB_CONCURRENCY="2", THROTTLE_USER="50/h") as api:
            headers = {"Authorization": f"Bearer {token_of('ada', secret=api.secret)}"}
            statuses: Counter[int] = Counter()

            def ask() -> None:
                for _ in range(25):
                    statuses[api.send("GET", "/api/ada/tasks", **headers).status] += 1

            clients = [threading.Thread(target=ask) for _ in range(4)]
            for client in clients:
                client.start()
            for client in clients:
                client.join()

    assert statuses == {200: 50, 429: 50}
