"""Finding a person by what support has: an id, or an email in any case. The admin, the shell and the commands share it.

For operators only. A request never finds its user this way: an id may look like somebody else's email.
"""

from django.db.models import Q

from accounts.models import User

MAX_NAMED = 5


class PersonError(LookupError):
    """Not exactly one person is meant. The message says what to do, for operators."""


class PersonNotFoundError(PersonError):
    """Nobody has this id or email."""


class SeveralPeopleError(PersonError):
    """Emails that differ only in case belong to several people."""


def find_person(email_or_id: str) -> User:
    """Return the user with this id or email. Raises PersonNotFoundError, SeveralPeopleError.

    The exact spelling counts first, and is found by indexes. Better Auth writes emails in lower case; tokens may bring
    others, for which all people are read.
    """
    text = email_or_id.strip()
    found = people_called(text, "exact") or people_called(text, "iexact")
    match found:
        case [user]:
            return user
        case []:
            raise PersonNotFoundError(f"Nobody has the id or the email {text!r}.{suggestion(text)}")
    raise SeveralPeopleError(f"{text!r} can be {names(found)}: give the id.")


def people_called(text: str, lookup: str) -> list[User]:
    """Return the first users with this id or email. lookup: exact, or iexact for any case. There is no text with NUL."""
    if "\0" in text:
        return []
    return list(User.objects.filter(Q(pk=text) | Q(**{f"email__{lookup}": text})).order_by("email")[:MAX_NAMED])


def suggestion(text: str) -> str:
    """Return the people whose email or name contains what was asked for, as a further sentence."""
    part = text.partition("@")[0]
    if not part or "\0" in part:
        return ""
    similar = list(
        User.objects.filter(Q(email__icontains=part) | Q(name__icontains=part)).order_by("email")[:MAX_NAMED]
    )
    return f" Did you mean {names(similar)}?" if similar else ""


def names(users: list[User]) -> str:
    *others, last = (f"{user.email} ({user.pk})" for user in users)
    return f"{', '.join(others)} or {last}" if others else last


def require_person(user_id: str) -> User:
    """Return the user with this id, and no other. Raises PersonNotFoundError, which names the id of an email."""
    user = None if "\0" in user_id else User.objects.filter(pk=user_id).first()
    if user is not None:
        return user
    found = people_called(user_id.strip(), "iexact")
    hint = f" It is the email of {names(found)}: give the id." if found else suggestion(user_id)
    raise PersonNotFoundError(f"Nobody has the id {user_id!r}.{hint}")
