"""`manage.py shell` says where it is, has the right names and shows tables; repr() has no text of a task."""

import builtins
import sys
from collections.abc import Callable
from io import StringIO
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import User as StaffUser
from django.db import OperationalError
from pytest_django.fixtures import Settings

from accounts.models import Account, Session, User
from tasks.models import Task, TaskChange
from tasks.operations import Actor
from tests.support.faults import raiser
from tests.support.people import Person
from tests.support.tokens import share_database
from todo_project import database
from todo_project.management.commands.shell import Command
from todo_project.shell_display import display, shown


class Terminal(StringIO):
    """Where somebody types."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def out() -> StringIO:
    return StringIO()


@pytest.fixture
def shell(out: StringIO) -> Command:
    return Command(stdout=out, no_color=True)


def test_the_names_are_those_of_the_api_and_not_of_djangos_staff(shell: Command, out: StringIO, db: None) -> None:
    names = shell.get_namespace(verbosity=1, command="pass")

    assert names["User"] is User
    assert names["Session"] is Session
    assert names["StaffUser"] is StaffUser
    assert isinstance(names["me"], Actor)
    assert {"find_person", "operations", "user_data", "undo_revision", "Task", "TaskChange"} <= names.keys()
    assert shell.get_namespace(no_imports=True) == {}
    assert out.getvalue() == ""


@pytest.mark.django_db
@pytest.mark.parametrize(("is_development", "mode"), [(True, "development mode"), (False, "PRODUCTION")])
def test_a_prompt_is_greeted_with_the_database_and_the_set_up(
    out: StringIO, settings: Settings, monkeypatch: pytest.MonkeyPatch, is_development: bool, mode: str
) -> None:
    settings.IS_DEVELOPMENT = is_development
    monkeypatch.setattr("sys.stdin", Terminal())

    Command(stdout=out, no_color=True).get_namespace(verbosity=1)

    first, where, set_up, names, *_ = out.getvalue().splitlines()
    assert mode in first
    assert f"{settings.DATABASES['default']['NAME']} on " in where
    assert "PostgreSQL" in where
    assert "Better Auth has a database of its own; tokens by HS256" in set_up
    assert "find_person" in names


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("keys", "text"),
    [("table", "and the keys of its table"), ("https://a.example/jwks", "https://a.example/jwks"), ("", "no public")],
)
def test_the_set_up_names_the_source_of_keys(shell: Command, settings: Settings, keys: str, text: str) -> None:
    share_database(settings)
    settings.BETTER_AUTH_KEYS = keys

    assert "Better Auth shares this database (camelCase)" in shell.greeting([])
    assert text in shell.greeting([])


def test_the_greeting_says_that_the_database_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "why_unreachable", lambda: "The database 'x' cannot be reached.")

    assert database.where() == "The database 'x' cannot be reached."


def test_what_is_typed_at_the_prompt_is_shown_as_tables_until_the_shell_ends(
    shell: Command, owner: Person, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    owner.has_task("Buy milk")
    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr("code.interact", lambda local: sys.displayhook(local["Task"].objects.all()))

    shell.python({"no_startup": True, "verbosity": 0})

    assert "Buy milk" in capsys.readouterr().out.splitlines()[-1]
    assert sys.displayhook is sys.__displayhook__


def test_bpython_greets_and_shows_tables_too(
    shell: Command,
    out: StringIO,
    owner: Person,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    owner.has_task("Buy milk")
    monkeypatch.setattr("sys.stdin", Terminal())
    bpython = SimpleNamespace(embed=lambda names: sys.displayhook(names["Task"].objects.all()))
    monkeypatch.setitem(sys.modules, "bpython", bpython)

    shell.bpython({"verbosity": 0})

    assert "Names     Account, Actor" in out.getvalue()
    assert "Buy milk" in capsys.readouterr().out.splitlines()[-1]
    assert sys.displayhook is sys.__displayhook__


class Pretty(dict[type, Callable[..., None]]):
    """Prints as IPython's PlainTextFormatter and RepresentationPrinter do: by the first of a value's types."""

    for_type = dict.__setitem__

    def __init__(self) -> None:
        self.stack: list[object] = []
        self.texts: list[str] = []

    def text(self, text: str) -> None:
        self.texts.append(text)

    def pretty(self, *values: object) -> str:
        self.stack, self.texts = list(values), []
        for kind in type(values[-1]).__mro__:
            if kind in self:
                self[kind](values[-1], self, False)
                break
            if "__repr__" in vars(kind):
                return repr(values[-1])
        return "".join(self.texts)


def test_ipython_greets_and_shows_tables_too(
    shell: Command, out: StringIO, owner: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner.has_task("Buy milk")
    task = Task.objects.get()
    monkeypatch.setattr("sys.stdin", Terminal())
    formatter, typed = Pretty(), []

    def start() -> None:
        typed.extend([formatter.pretty(Task.objects.all()), formatter.pretty(task), formatter.pretty([task], task)])

    app = SimpleNamespace(
        initialize=lambda argv: argv,
        shell=SimpleNamespace(display_formatter=SimpleNamespace(formatters={"text/plain": formatter})),
        start=start,
    )
    ipapp = SimpleNamespace(TerminalIPythonApp=SimpleNamespace(instance=lambda user_ns: app))
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace())
    monkeypatch.setitem(sys.modules, "IPython.terminal", SimpleNamespace())
    monkeypatch.setitem(sys.modules, "IPython.terminal.ipapp", ipapp)

    shell.ipython({"verbosity": 0})

    assert "Names     Account, Actor" in out.getvalue()
    assert "Buy milk" in typed[0].splitlines()[1]
    assert "title           Buy milk" in typed[1].splitlines()
    assert typed[2] == repr(task)


def shown_at_the_prompt(value: object) -> str:
    text = shown(value)
    assert text is not None
    return text


def test_a_queryset_is_a_table_of_a_few_rows(owner: Person) -> None:
    for number in range(11):
        owner.has_task(f"Task {number}")

    lines = shown_at_the_prompt(Task.objects.order_by("id")).splitlines()

    assert lines[0].split() == ["id", "user_id", "title", "completed", "due_date", "priority", "deleted_at", "version"]
    assert "Task 0" in lines[1]
    assert len(lines) == 12
    assert lines[-1].startswith("… and more")
    assert len(shown_at_the_prompt(Task.objects.all()[:3]).splitlines()) == 4


def test_values_dates_and_nothing_are_shown_too(owner: Person) -> None:
    owner.has_task("Buy milk")

    assert shown_at_the_prompt(Task.objects.values("title")).splitlines() == ["title", "Buy milk"]
    assert shown_at_the_prompt(Task.objects.values_list("title", "version")).splitlines()[1] == "Buy milk  1"
    assert shown_at_the_prompt(Task.objects.values_list("title", flat=True)) == "Buy milk"
    assert shown_at_the_prompt(Task.objects.none()) == "(no rows)"
    assert shown_at_the_prompt(StaffUser.objects.none()) == "(no rows)"
    assert "kind" in shown_at_the_prompt(TaskChange.objects.all()).splitlines()[0]


def test_a_model_without_a_table_of_its_own_is_shown_by_its_key(staff: object) -> None:
    assert shown_at_the_prompt(StaffUser.objects.all()).splitlines()[0] == "pk"
    assert shown(StaffUser.objects.get()) is None


def test_no_credential_is_shown(settings: Settings, db: None) -> None:
    session = share_database(settings)
    Account.objects.create(
        id="a", account_id="1", provider_id="google", user_id="ada", updated_at=session.updated_at, password="hidden"
    )

    text = "\n".join(map(shown_at_the_prompt, (Session.objects.all(), session, Account.objects.all())))

    assert "ada" in text
    assert session.token not in text
    assert "hidden" not in text


def test_a_row_is_its_fields_and_anything_else_is_as_always(
    owner: Person, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    owner.has_task("Buy milk", description="Two litres")
    monkeypatch.setattr(builtins, "_", None, raising=False)
    task = Task.objects.get()

    display(task)
    assert builtins._ is task  # type: ignore[attr-defined]
    assert "description     Two litres" in capsys.readouterr().out.splitlines()
    display(None)
    display(7)

    assert capsys.readouterr().out == "7\n"


def test_a_repr_which_can_get_into_a_log_has_no_text_and_no_name(owner: Person) -> None:
    _, done, gone = (owner.has_task("Buy milk", completed=completed) for completed in (False, True, False))
    owner.delete(owner.path(gone))
    owner.put(owner.path(done), {"title": "Buy oat milk"})

    first, second, third = Task.objects.order_by("id")
    change = TaskChange.objects.get(kind="changed", after__has_key="title")

    assert repr(first) == f"<Task {first.pk} of owner: pending>"
    assert repr(second) == f"<Task {second.pk} of owner: completed>"
    assert repr(third) == f"<Task {third.pk} of owner: in the trash>"
    assert repr(User.objects.get()) == "<User owner>"
    assert repr(change) == f"<TaskChange {change.revision}: task {second.pk} of owner changed by owner (api)>"
    assert str(first) == "Buy milk"


def test_an_error_of_the_database_at_the_prompt_is_pythons(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = Task.objects.all()
    monkeypatch.setattr(type(broken), "__getitem__", raiser(OperationalError("away")))

    with pytest.raises(OperationalError):
        shown(broken)
