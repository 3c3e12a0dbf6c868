"""OAuth access tokens (RFC 9068) of Better Auth's OAuth provider: of a client that a user has given some scopes."""

from accounts.caller import Login
from accounts.exceptions import InvalidToken
from accounts.tokens.claims import Claims, caller_of, check_purpose, session_id

TYPES = {"at+jwt", "application/at+jwt"}
OTHER_PURPOSES = {
    "cnf": "bound to a key of its client (cnf), which this API does not check",
    "nonce": "an ID token",
    "at_hash": "an ID token",
    "c_hash": "an ID token",
    "events": "a logout token",
}


def login_from_access_token(claims: Claims) -> Login:
    """Return the user, their session if it is named, and the scopes. Raises InvalidToken if it is no user's."""
    check_purpose(claims, OTHER_PURPOSES)
    client = claims.get("client_id", claims.get("azp"))
    if not isinstance(client, str) or not client:
        raise InvalidToken("The access token names no client (client_id).")
    if "sub" not in claims:
        raise InvalidToken("The token names no user (sub).")
    if claims["sub"] in {client, claims.get("azp")}:
        raise InvalidToken("The access token belongs to a client (sub is its client_id), not to a user.")
    scope = claims.get("scope", "")
    if not isinstance(scope, str):
        raise InvalidToken("The access token's scope is malformed.")
    return Login(caller_of(claims["sub"], claims, claims["exp"], frozenset(scope.split())), session_id(claims))
