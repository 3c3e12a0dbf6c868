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

    Better Auth writes emails in lower case; tokens may bring others. If several people have one email but for the case,
    nobody is chosen, even if the case is right: what follows may be an erasure.
    """
    text = email_or_id.strip()
    match people_called(text):
        case [user]:
            return user
        case []:
            raise PersonNotFoundError(f"Nobody has the id or the email {text!r}.{suggestion(text)}")
        case found:
            raise SeveralPeopleError(f"{text!r} can be {names(found)}: give the id.")


def people_called(text: str) -> list[User]:
    """Return the first users with this id or email. An email in any case is no index's: all people are read for it."""
    if "\0" in text:  # PostgreSQL has no such text.
        return []
    by_id = User.objects.filter(pk=text)
    if "@" not in text and (found := list(by_id)):
        return found
    return list((by_id | User.objects.filter(email__iexact=text)).order_by("email")[:MAX_NAMED])


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
    found = people_called(user_id.strip())
    hint = f" It is the email of {names(found)}: give the id." if found else suggestion(user_id)
    raise PersonNotFoundError(f"Nobody has the id {user_id!r}.{hint}")
