"""The rows of people whose Better Auth lives in another database, made from what their tokens say.

The foreign keys of tasks want a row in `user`. A mirror never fails a request: an email may be missing, or still
be written beside somebody who gave it up.
"""

from django.conf import settings
from django.db import IntegrityError, connection

from accounts.caller import Caller
from accounts.exceptions import InvalidToken

# `.invalid` is reserved (RFC 2606): no such address is anybody's. A token that names one is not believed in this,
# else whoever signs up with the placeholder of another keeps that person out.
PLACEHOLDER_DOMAIN = "@no-email.invalid"

UPSERT = """
WITH told AS (
    SELECT %(id)s AS id, %(name)s::text AS name, (
        SELECT %(email)s::text WHERE NOT EXISTS (SELECT FROM "user" WHERE email = %(email)s AND id <> %(id)s)
    ) AS email
)
INSERT INTO "user" AS mirrored (id, name, email, "emailVerified", "createdAt")
SELECT id, coalesce(name, ''), coalesce(email, %(placeholder)s), false, coalesce(%(created_at)s, now()) FROM told
ON CONFLICT (id) DO UPDATE
SET name = coalesce(%(name)s, mirrored.name),
    email = coalesce((SELECT email FROM told), mirrored.email),
    "updatedAt" = now()
WHERE (mirrored.name, mirrored.email)
    IS DISTINCT FROM (coalesce(%(name)s, mirrored.name), coalesce((SELECT email FROM told), mirrored.email))
"""


def mirror(caller: Caller) -> None:
    """Make or refresh the row of `caller`, in one statement. An email that is another row's is left out."""
    is_placeholder = caller.email is not None and caller.email.endswith(PLACEHOLDER_DOMAIN)
    try:
        write(caller, None if is_placeholder else caller.email)
    except IntegrityError:  # Two people came with one email in the same moment.
        write(caller, None)


def write(caller: Caller, email: str | None) -> None:
    """Insert or refresh the row with `email`; None keeps the one that is there."""
    with connection.cursor() as cursor:
        cursor.execute(
            UPSERT,
            {
                "id": caller.id,
                "name": caller.name,
                "email": email,
                "placeholder": f"{caller.id}{PLACEHOLDER_DOMAIN}",
                "created_at": caller.created_at,
            },
        )


def restore_row(caller: Caller) -> None:
    """Make the row of a caller again, which somebody deleted since their token was seen.

    Raises InvalidToken where Better Auth writes the rows: there the person is gone.
    """
    if settings.BETTER_AUTH_SHARED_DATABASE:
        raise InvalidToken("The token's user does not exist.")
    mirror(caller)
