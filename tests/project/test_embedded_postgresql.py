"""The embedded PostgreSQL starts on any machine, after any accident; or one sentence says why not and what to do."""

import errno
import os
import pwd
import signal
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from psycopg.pq import Ping

from tests.support.checkout import Checkout
from tests.support.faults import raiser
from tests.support.server import is_running
from todo_project.embedded_postgresql import programs, server
from todo_project.embedded_postgresql.programs import EmbeddedPostgreSQLError, complaint
from todo_project.embedded_postgresql.server import EmbeddedPostgreSQL, socket_folder_for

CONNECT = (
    *("manage.py", "shell", "--no-imports", "--command"),
    "from django.db import connection as c; k = c.cursor(); k.execute('SHOW server_version'); print(k.fetchone())",
)


@pytest.fixture(scope="module")
def odd_checkout(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A copy in a folder whose path has a space, a quote and more."""
    folder = tmp_path_factory.mktemp("copy") / "my 'own' 100% #1 & you?, ü漢"
    folder.mkdir()
    return Checkout(folder)


ENVIRONMENTS: dict[str, dict[str, str]] = {
    "nothing": {},
    "a locale that was never generated": {"LANG": "xx_YY.UTF-8", "LC_ALL": "xx_YY.UTF-8", "LC_MESSAGES": "de_DE"},
    "an ASCII locale": {"LC_ALL": "C"},
    "Neon's variables": {
        "PGHOST": "ep-x.neon.tech",
        "PGDATABASE": "neondb",
        "PGUSER": "neondb_owner",
        "PGPASSWORD": "x",
        "PGSSLMODE": "require",
        "PGCHANNELBINDING": "require",
    },
    "a service": {"PGSERVICE": "nowhere"},
    "options": {"PGOPTIONS": "-c no_such_option=1", "PGPORT": "1", "PGDATA": "/nowhere", "PGHOSTADDR": "10.0.0.1"},
    "no home": {"HOME": ""},
    "a home that does not exist": {"HOME": "/nowhere"},
}


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_it_starts_in_a_folder_of_any_name_and_in_any_environment(odd_checkout: Checkout, name: str) -> None:
    ended = odd_checkout.run(*CONNECT, **ENVIRONMENTS[name])

    assert ended.stderr == ""
    assert ended.stdout.startswith("('18.")
    assert not (odd_checkout.folder / ".local" / "postgres" / "postmaster.pid").exists()


def test_libpqs_variables_in_the_env_file_do_not_reach_it(odd_checkout: Checkout) -> None:
    env_file = odd_checkout.folder / ".env"
    env_file.write_text("PGHOST='ep-x.neon.tech'\nPGSSLMODE='require'\nPGCHANNELBINDING='require'\n")

    ended = odd_checkout.run(*CONNECT)

    env_file.unlink()
    assert ended.stderr == ""
    assert ended.stdout.startswith("('18.")


def test_its_locale_is_the_same_on_every_machine(odd_checkout: Checkout) -> None:
    question = "SELECT datlocprovider, datlocale, datcollate, encoding FROM pg_database WHERE datname = 'postgres'"

    ended = odd_checkout.run(*CONNECT[:-1], CONNECT[-1].replace("SHOW server_version", question.replace("'", "\\'")))

    assert ended.stdout == "('b', 'C.UTF-8', 'C', 6)\n", ended.stderr


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A `.local` folder whose database exists."""
    folder = tmp_path_factory.mktemp("project") / ".local"
    running = EmbeddedPostgreSQL(folder)
    running.use()
    running.leave()
    return folder


@pytest.fixture
def embedded(data: Path) -> Iterator[EmbeddedPostgreSQL]:
    """The PostgreSQL of that folder, not started; stopped after the test."""
    instance = EmbeddedPostgreSQL(data)
    yield instance
    instance.leave()
    assert instance.state() is None


def answers(url: str) -> bool:
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT 1").fetchone() == (1,)


def test_it_stops_with_its_last_user(embedded: EmbeddedPostgreSQL) -> None:
    other = EmbeddedPostgreSQL(embedded.folder)
    url = embedded.use()
    process = embedded.process()
    assert process is not None

    assert other.use() == embedded.use() == url
    embedded.leave()
    assert answers(url)
    other.leave()
    other.leave()

    assert not is_running(process)


def test_a_forked_child_does_not_stop_what_its_parent_uses(embedded: EmbeddedPostgreSQL) -> None:
    url = embedded.use()

    child = os.fork()
    if not child:
        embedded.leave()  # It has nothing to leave.
        os._exit(0 if embedded.lock is None else 1)

    assert os.waitpid(child, 0)[1] == 0
    assert answers(url)
    other = EmbeddedPostgreSQL(embedded.folder)
    other.use()
    other.begin_as_child()
    other.begin_as_child()
    assert other.lock is None
    assert answers(url)


@pytest.fixture
def other_process(data: Path) -> Iterator[int]:
    """A process of the user who runs the server, and which is not the server."""
    surroundings = programs.surroundings(programs.user_for(data / "postgres"))
    with subprocess.Popen(["/bin/sleep", "600"], **surroundings) as process:
        yield process.pid
        process.kill()


def test_after_a_kill_another_process_may_have_its_id_and_it_starts(
    embedded: EmbeddedPostgreSQL, other_process: int
) -> None:
    pid_file = embedded.data / "postmaster.pid"
    pid_file.write_text(f"{other_process}\n{embedded.data}\n1700000000\n5432\n{embedded.data}\n\n 1 2\nready   \n")
    (embedded.data / f"{server.SOCKET}.lock").write_text(f"{other_process}\n")

    assert answers(embedded.use())
    assert is_running(other_process)


@pytest.mark.parametrize("content", ["", "no number\n", "999999999\n"])
def test_it_starts_after_its_file_was_left_incomplete(embedded: EmbeddedPostgreSQL, content: str) -> None:
    (embedded.data / "postmaster.pid").write_text(content)

    assert answers(embedded.use())


def test_after_a_kill_of_the_server_its_data_is_recovered(embedded: EmbeddedPostgreSQL) -> None:
    with psycopg.connect(embedded.use()) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
    process = embedded.process()
    assert process is not None
    embedded.forget()
    os.kill(process, signal.SIGKILL)

    with psycopg.connect(embedded.use()) as connection:
        assert connection.execute("SELECT n FROM kept").fetchone() == (7,)
        connection.execute("DROP TABLE kept")


def test_a_server_whose_socket_was_deleted_is_replaced(embedded: EmbeddedPostgreSQL) -> None:
    embedded.use()
    process = embedded.process()
    assert process is not None
    embedded.forget()
    (embedded.socket_folder() / server.SOCKET).unlink()

    assert answers(embedded.use())
    assert not is_running(process)


def test_a_server_that_does_not_answer_is_not_replaced(
    embedded: EmbeddedPostgreSQL, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedded.use()
    process = embedded.process()
    other = EmbeddedPostgreSQL(embedded.folder)
    monkeypatch.setattr(other, "state", lambda: Ping.NO_RESPONSE)
    with pytest.raises(EmbeddedPostgreSQLError, match=r"lock file .* already exists"):
        other.use()

    assert other.process() == process
    assert answers(embedded.use())


def test_a_server_that_neither_starts_nor_stops_is_not_waited_for_forever(
    embedded: EmbeddedPostgreSQL, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "PATIENCE_SECONDS", 0.1)
    states = [Ping.REJECT, Ping.REJECT, Ping.OK, Ping.OK]
    with monkeypatch.context() as patched:
        patched.setattr(embedded, "state", lambda: states.pop(0))
        assert embedded.is_running()
        patched.setattr(embedded, "state", lambda: Ping.REJECT)
        assert not embedded.is_running()


def test_a_deleted_folder_does_not_disturb_the_end_of_a_program(tmp_path: Path) -> None:
    instance = EmbeddedPostgreSQL(tmp_path / ".local")
    instance.lock = os.open(tmp_path, os.O_RDONLY)

    instance.leave()

    assert instance.lock is None


def test_an_interrupted_creation_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / ".local"
    (folder / "postgres").mkdir(parents=True)
    (folder / "postgres.new").mkdir()
    (folder / "postgres.new" / "PG_VERSION").write_text("18\n")
    instance = EmbeddedPostgreSQL(folder)
    real = programs.run
    full = subprocess.CompletedProcess([], 1, "", "x\ninitdb: error: could not write file: No space left on device\n")
    monkeypatch.setattr(programs, "run", lambda *arguments, **options: full)

    with pytest.raises(EmbeddedPostgreSQLError) as stop:
        instance.use()

    assert str(stop.value) == (
        f"PostgreSQL cannot create its data in {folder}: could not write file: No space left on device. "
        "Correct that, or set DATABASE_URL to another PostgreSQL."
    )
    assert {path.name for path in folder.iterdir()} == {"postgres", "postgres.lock"}
    monkeypatch.setattr(programs, "run", real)
    assert answers(instance.use())
    instance.leave()


def test_a_server_that_does_not_start_is_reported_with_its_last_words(embedded: EmbeddedPostgreSQL) -> None:
    settings = embedded.data / "postgresql.auto.conf"
    before = settings.read_text()
    settings.write_text("no_such_setting = 1\n")

    with pytest.raises(EmbeddedPostgreSQLError) as stop:
        embedded.use()

    settings.write_text(before)
    assert str(stop.value).startswith(f"PostgreSQL does not start in {embedded.data}: configuration file ")
    assert "contains errors. Correct that, or set DATABASE_URL" in str(stop.value)
    assert "\n" not in str(stop.value)


def test_a_server_that_finds_no_disk_space_is_reported_as_that(
    embedded: EmbeddedPostgreSQL, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programs, "start", lambda *arguments, **options: 999_999_999)
    monkeypatch.setattr("shutil.disk_usage", lambda path: SimpleNamespace(free=1000))

    with pytest.raises(EmbeddedPostgreSQLError, match=r"No space left on device .*Free some disk space"):
        embedded.use()


@pytest.mark.parametrize(
    ("number", "remedy"),
    [
        (errno.ENOSPC, "Free some disk space"),
        (errno.EACCES, "Give that folder to the user who runs this command"),
        (errno.EROFS, "Correct that, or set DATABASE_URL"),
    ],
)
def test_a_failure_of_the_operating_system_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, remedy: str
) -> None:
    monkeypatch.setattr(Path, "mkdir", raiser(OSError(number, os.strerror(number), "there")))

    with pytest.raises(EmbeddedPostgreSQLError) as stop:
        EmbeddedPostgreSQL(tmp_path / ".local").use()

    assert f"{os.strerror(number)} (there). {remedy}" in str(stop.value)


def test_a_file_system_without_permissions_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make = Path.mkdir

    def make_for_everybody(path: Path, **options: Any) -> None:
        make(path, **options)
        path.chmod(0o777)

    monkeypatch.setattr(Path, "mkdir", make_for_everybody)

    with pytest.raises(EmbeddedPostgreSQLError, match=r"file system without Unix permissions.*in WSL"):
        EmbeddedPostgreSQL(tmp_path / ".local").use()


def test_the_data_of_another_user_is_not_touched(embedded: EmbeddedPostgreSQL, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 12345)

    with pytest.raises(EmbeddedPostgreSQLError, match=r"Permission denied .*Give that folder to the user"):
        embedded.use()


@pytest.mark.parametrize(
    ("data_owner", "project_owner", "user"),
    [(7, 8, 7), (777, 8, 777), (0, 8, 8), (None, 8, 8), (None, 777, 65534), (0, 0, 65534), (None, 0, 65534)],
)
def test_root_hands_it_to_the_owner_of_the_data_or_of_the_project_or_to_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data_owner: int | None, project_owner: int, user: int
) -> None:
    data = tmp_path / ".local" / "postgres"
    owners = {data: data_owner, tmp_path: project_owner}
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(pwd, "getpwnam", lambda name: SimpleNamespace(pw_uid=65534, pw_gid=65534))
    monkeypatch.setattr(pwd, "getpwuid", lambda user: {7: "seven", 8: "eight"}[user])
    monkeypatch.setattr(Path, "exists", lambda path: owners[path] is not None)
    monkeypatch.setattr(Path, "stat", lambda path: SimpleNamespace(st_uid=owners[path], st_gid=owners[path]))

    assert programs.user_for(data) == (user, user)


def test_an_ordinary_user_runs_it_as_themselves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    assert programs.user_for(tmp_path) is None


def test_other_users_may_pass_through_folders_and_not_list_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    private, public = tmp_path / "private", tmp_path / "private" / "public"
    public.mkdir(parents=True)
    private.chmod(0o700)
    public.chmod(0o755)

    programs.let_pass(public / "data")

    assert [stat.S_IMODE(path.stat().st_mode) for path in (private, public)] == [0o701, 0o755]


def test_only_root_hands_files_over(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)

    programs.hand_over(tmp_path / "data", None)
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700

    programs.hand_over(tmp_path, (os.getuid(), os.getgid()))
    programs.let_pass(tmp_path / "data")
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o701


def test_a_socket_is_where_its_path_is_short_and_plain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain, odd, long = tmp_path / "plain", tmp_path / "a, b", tmp_path / ("x" * 99)
    for folder in (plain, odd, long):
        folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", "/tmp")

    assert socket_folder_for(plain) == plain
    folders = [socket_folder_for(odd), socket_folder_for(long)]

    assert all(folder.parent == Path("/tmp") and folder.is_dir() for folder in folders)
    assert all(stat.S_IMODE(folder.stat().st_mode) == 0o700 for folder in folders)
    assert socket_folder_for(odd) == folders[0] != folders[1]
    monkeypatch.setattr("tempfile.tempdir", str(odd))
    assert socket_folder_for(odd) == folders[0]
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    monkeypatch.setattr(
        Path, "stat", lambda path, **options: os.stat_result((0o40700, 0, 0, 0, len(str(path)), *[0] * 5))
    )
    with pytest.raises(EmbeddedPostgreSQLError, match="Set TMPDIR"):
        socket_folder_for(odd)
    for folder in folders:
        folder.rmdir()


def test_a_folder_whose_path_a_shell_would_read_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    programs.folder.cache_clear()
    monkeypatch.setattr(Path, "resolve", lambda path: Path('/my "own"/programs'))

    with pytest.raises(EmbeddedPostgreSQLError, match="Rename that folder"):
        programs.folder()


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("x\ninitdb: error: a\ninitdb: hint: b\n", "a"),
        ("initdb: could not look up a\n", "could not look up a"),
        ("2026 UTC [7] FATAL:  a\n2026 UTC [7] LOG:  b\n", "a"),
        ("FATAL:  a\nPANIC:  b.\n", "b"),
        ("Killed\n", "Killed"),
        ("", "it gave no reason"),
    ],
)
def test_the_last_error_is_the_reason(said: str, found: str) -> None:
    assert complaint(said) == found


def test_a_process_that_nobody_waited_for_has_ended() -> None:
    ended = subprocess.Popen(["/bin/true"])
    os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)

    assert server.has_ended(ended.pid)
    ended.wait()
    assert server.has_ended(ended.pid)
    assert not server.has_ended(os.getpid())
