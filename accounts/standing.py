"""How people stand, and what operators do about it: ban and block them, and sign them out.

A ban is Better Auth's own (its admin plugin): it obeys it, too. A block is ours: it holds in this API alone, also if
Better Auth's tables are in another database, where nobody can be banned from here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format

from accounts.fields import LATEST
from accounts.models import Block, Session, User
from accounts.tokens.cache import seen_tokens
from accounts.tokens.seen_users import seen_users
from accounts.users import as_utc

STANDINGS = {"active": "Active", "banned": "Banned", "blocked": "Blocked"}


@dataclass(frozen=True, slots=True)
class Standing:
    """name: a key of STANDINGS. text: for people. details: why and until when."""

    name: str
    text: str
    details: str = ""


def banned_now() -> Q:
    return Q(banned=True) & (Q(ban_expires__isnull=True) | Q(ban_expires__gt=datetime.now(UTC)))


def blocked() -> Exists:
    return Exists(Block.objects.filter(pk=OuterRef("pk")))


def is_blocked(user_id: str) -> bool:
    return Block.objects.filter(pk=user_id).exists()


def with_standing(users: QuerySet[User], name: str) -> QuerySet[User]:
    """Return the users who stand as `name`, a key of STANDINGS, says."""
    if name == "blocked":
        return users.filter(blocked())
    if name == "banned":
        return users.filter(banned_now())
    return users.exclude(banned_now()).exclude(blocked())


def is_banned(user: User) -> bool:
    """Better Auth resets `banned` only at the next sign-in, so the end of a ban counts."""
    expires = user.ban_expires
    return bool(user.banned) and (expires is None or as_utc(expires) > datetime.now(UTC))


def standings_of(users: Iterable[User]) -> dict[str, Standing]:
    """Return how users stand, by id, with one query."""
    users = list(users)
    blocks = Block.objects.in_bulk([user.pk for user in users])
    return {user.pk: standing_of(user, blocks.get(user.pk)) for user in users}


def standing_of(user: User, block: Block | None) -> Standing:
    if is_banned(user):
        ends = user.ban_expires is not None and as_utc(user.ban_expires) < LATEST
        until = f"until {in_words(user.ban_expires)}" if ends else "without an end"
        return Standing("banned", STANDINGS["banned"], f"{until}{reason(user.ban_reason)}")
    if block is not None:
        since = f"since {in_words(block.created_at)} by {block.operator}"
        return Standing("blocked", STANDINGS["blocked"], f"{since}{reason(block.reason)}")
    return Standing("active", STANDINGS["active"])


def in_words(at: datetime) -> str:
    return date_format(timezone.localtime(as_utc(at)), "DATETIME_FORMAT")


def reason(text: str | None) -> str:
    return f": {text}" if text else ""


@transaction.atomic
def ban(user_id: str, text: str, until: datetime | None) -> int:
    """Ban a user in Better Auth's tables, as its `banUser` does, and sign them out. Returns the number of sessions."""
    User.objects.filter(pk=user_id).update(
        banned=True, ban_reason=text or None, ban_expires=until, updated_at=datetime.now(UTC)
    )
    return sign_out(user_id)


def lift_ban(user_id: str) -> None:
    """Lift a ban, as Better Auth's `unbanUser` does."""
    User.objects.filter(pk=user_id).update(
        banned=False, ban_reason=None, ban_expires=None, updated_at=datetime.now(UTC)
    )


def sign_out(user_id: str) -> int:
    """End all sessions of a user, as Better Auth's `revokeUserSessions` does. Returns how many there were."""
    ended, _ = Session.objects.filter(user_id=user_id).delete()
    forget_callers()
    return ended


def block(user_id: str, text: str, operator: str) -> None:
    """Refuse every token of a user from now on; other processes do so as soon as they look the user up again."""
    Block.objects.update_or_create(pk=user_id, defaults={"reason": text, "operator": operator})
    forget_callers()


def unblock(user_id: str) -> None:
    Block.objects.filter(pk=user_id).delete()


def forget_callers() -> None:
    """Let this process look everybody up again; another one does within BETTER_AUTH_RECHECK_SECONDS, or a minute."""
    seen_users.clear()
    seen_tokens.clear()
