"""The order of Better Auth's server to move everything of one user to another, as a token.

A JWT of a type of its own under the shared secret, so that only the server can sign it and no login is one:
header {"alg": "HS256", "typ": "todo-move+jwt"}, claims {"from": old user, "sub": new user, "exp": within ten minutes}.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings

from accounts.caller import Caller
from accounts.exceptions import InvalidToken
from accounts.tokens.claims import Parties, caller_of, check_claims, is_id
from accounts.tokens.jwt import check_header, current_secret_key, parse

TYPE = "todo-move+jwt"
LONGEST_LIFE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class MoveOrder:
    """Whose tasks, and to whom. is_authenticated: what DRF's permission asks of a user."""

    source_id: str
    target: Caller
    is_authenticated: bool = True

    @property
    def id(self) -> str:
        """For whom it counts, in throttles and in the log: who receives the tasks, and is there when it is ordered."""
        return self.target.id


def verify_move(token: str) -> MoveOrder:
    """Return what `token` orders. Raises InvalidToken or TokenExpired."""
    jwt = parse(token)
    check_header(jwt.header)
    if jwt.type != TYPE:
        raise InvalidToken(f"The token's type (typ) is not {TYPE}.")
    current_secret_key().verify(jwt)
    check_claims(jwt.claims, Parties(settings.BETTER_AUTH_ISSUER, settings.BETTER_AUTH_AUDIENCE, are_required=False))
    target = caller_of(jwt.claims.get("sub"), jwt.claims, jwt.claims["exp"])
    if target.expires_at > datetime.now(UTC) + LONGEST_LIFE:
        raise InvalidToken("The token lives longer than ten minutes (exp).")
    source_id = jwt.claims.get("from")
    if not isinstance(source_id, str) or not is_id(source_id):
        raise InvalidToken("The token names no user whose tasks are moved (from).")
    return MoveOrder(source_id, target)
