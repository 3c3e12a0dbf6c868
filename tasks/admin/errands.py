"""What operators do about one person: each errand asks, does it, and is recorded with the operator's name."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.admin.widgets import AdminSplitDateTime
from django.http import FileResponse, HttpRequest, HttpResponseBase
from django.utils import timezone

from accounts import standing
from accounts.models import Session, User
from accounts.people import PersonError, find_person
from tasks.admin import log
from tasks.admin.bulk import counted, staff_actor
from tasks.moves import move_tasks
from tasks.user_data import erase, export

MINUTES = "Better Auth's own cookie cache, if it is on, lets a browser in until it expires (5 minutes by default)."

LONGEST_BAN = timedelta(days=36_525)


class ErrandForm(forms.Form):
    """The form of an errand about `user`."""

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user


class ReasonForm(ErrandForm):
    reason = forms.CharField(
        max_length=500, help_text="Operators see it. Better Auth shows the reason of a ban to the person."
    )


class BanForm(ReasonForm):
    until = forms.SplitDateTimeField(
        required=False, widget=AdminSplitDateTime, help_text="Empty: without an end.", label="Banned until"
    )

    def clean_until(self) -> datetime | None:
        until: datetime | None = self.cleaned_data["until"]
        if until is not None and until <= timezone.now():
            raise forms.ValidationError("This is in the past.")
        if until is not None and until > timezone.now() + LONGEST_BAN:
            raise forms.ValidationError("This is more than 100 years away. Leave it empty for a ban without an end.")
        return until


class ConfirmForm(ErrandForm):
    """Asks for the email or the id, typed: a click can slip."""

    typed = forms.CharField(
        label="Type the person's email or id", widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    def clean_typed(self) -> str:
        typed: str = self.cleaned_data["typed"]
        if typed not in {self.user.email, self.user.pk}:
            raise forms.ValidationError("This is neither the email nor the id of this person.")
        return typed


class MoveForm(ErrandForm):
    target = forms.CharField(label="To whom", help_text="The email or the id of the person who gets the tasks.")

    def clean_target(self) -> str:
        """Return the id of the person. An email can have any spelling of upper and lower case, if one person has it."""
        try:
            found = find_person(self.cleaned_data["target"])
        except PersonError as error:
            raise forms.ValidationError(str(error)) from error
        if found == self.user:
            raise forms.ValidationError("These are their own tasks already.")
        return found.pk


@dataclass(frozen=True, slots=True)
class Errand:
    """permission: of accounts. run: does it, and returns what it did or a file.

    applies: whether it makes sense for this person now. explain: what it does, in sentences.
    """

    permission: str
    title: str
    explain: str
    run: Callable[[HttpRequest, User, dict[str, Any]], str | HttpResponseBase]
    form: type[ErrandForm] = ErrandForm
    applies: Callable[[User], bool] = lambda user: True
    is_dangerous: bool = False


def is_shared(user: User) -> bool:
    return bool(settings.BETTER_AUTH_SHARED_DATABASE)


def is_blocked(user: User) -> bool:
    return standing.is_blocked(user.pk)


def ban(request: HttpRequest, user: User, values: dict[str, Any]) -> str:
    ended = standing.ban(user.pk, values["reason"], values["until"])
    return f"Banned, and {counted(ended, 'session')} ended"


def lift(request: HttpRequest, user: User, values: dict[str, Any]) -> str:
    standing.lift_ban(user.pk)
    return "Lifted the ban"


def block(request: HttpRequest, user: User, values: dict[str, Any]) -> str:
    standing.block(user.pk, values["reason"], request.user.get_username())
    return "Blocked"


def unblock(request: HttpRequest, user: User, values: dict[str, Any]) -> str:
    standing.unblock(user.pk)
    return "Lifted the block"


def sign_out(request: HttpRequest, user: User, values: dict[str, Any]) -> str:
    return f"Signed out everywhere: {counted(standing.sign_out(user.pk), 'session')} ended"


def download(request: HttpRequest, user: User, values: dict[str, Any]) -> HttpResponseBase:
    log.record(request, user.pk, "Exported all data")
    return FileResponse(
        export(user.pk), as_attachment=True, filename=f"{user.pk}.json", content_type="application/json"
    )


def erase_all(request: HttpRequest, user: User, values: dict[str, Any]) -> str:
    erase(user.pk)
    return "Erased all data"


def move(request: HttpRequest, user: User, values: dict[str, Any]) -> str:
    target: str = values["target"]
    moved = move_tasks(user.pk, target, staff_actor(request))
    log.record(request, target, f"Was given {counted(moved, 'task')} of person {user.pk}")
    return f"Moved {counted(moved, 'task')} to person {target}"


ERRANDS = {
    "ban": Errand(
        "ban_user",
        "Ban",
        f"Better Auth lets a banned person sign in no more; this API refuses them within seconds. All their sessions "
        f"end. {MINUTES}",
        ban,
        BanForm,
        lambda user: is_shared(user) and not standing.is_banned(user),
        is_dangerous=True,
    ),
    "lift": Errand(
        "ban_user",
        "Lift the ban",
        "The person can sign in again.",
        lift,
        applies=lambda user: is_shared(user) and bool(user.banned),
    ),
    "block": Errand(
        "ban_user",
        "Block",
        "This API refuses every token of a blocked person, within a minute. Better Auth does not know of it: they can "
        "still sign in there.",
        block,
        ReasonForm,
        lambda user: not is_blocked(user),
        is_dangerous=True,
    ),
    "unblock": Errand(
        "ban_user", "Lift the block", "This API accepts the person's tokens again.", unblock, applies=is_blocked
    ),
    "sign_out": Errand(
        "sign_out_user",
        "Sign out everywhere",
        f"All sessions of the person end, in Better Auth, too. They can sign in again. {MINUTES}",
        sign_out,
        applies=lambda user: is_shared(user) and Session.objects.filter(user=user).exists(),
    ),
    "export": Errand(
        "export_user",
        "Export",
        "You download everything that is stored here about the person, as JSON: their tasks, trash and history.",
        download,
    ),
    "move": Errand(
        "move_user_tasks",
        "Move the tasks",
        "All tasks of the person, the trash and the history included, become those of another person. Who signed up "
        "twice gets all in one place. To take it back, move them back; tasks of both are not told apart then.",
        move,
        MoveForm,
    ),
    "erase": Errand(
        "erase_user",
        "Erase",
        "Every task, the trash and the history of the person are deleted at once and for good. Nothing of it can be "
        "undone. The account belongs to Better Auth: if it uses this database, the account stays. A block stays, too.",
        erase_all,
        ConfirmForm,
        is_dangerous=True,
    ),
}
