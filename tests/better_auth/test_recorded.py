"""recorded.json holds what it says: when it was recorded every token verifies, with its server's keys or secret."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import unquote

import jwt
import pytest
from jwt.types import Options

from tests.better_auth.record import RECORDED, SERVERS, SERVERS_OF_1_7

RECORDING = json.loads(RECORDED.read_text())
MOMENT = datetime.fromisoformat(RECORDING["recorded_at"]).timestamp()
# PyJWT reads the clock, and the recording is old.
AT_ANY_TIME: Options = {"verify_exp": False, "verify_iat": False, "verify_aud": False}
SIGNED = {"signed session", "set-auth-token", "signed dont_remember"}


def tokens(wanted: Callable[[dict[str, Any]], bool]) -> pytest.MarkDecorator:
    """A case for each recorded token that is `wanted`, with its server."""
    cases = [
        pytest.param(server, token, id=f"{server['name']}: {token['kind']}")
        for server in RECORDING["servers"]
        for token in server["tokens"]
        if wanted(token)
    ]
    return pytest.mark.parametrize(("server", "token"), cases)


def test_every_server_is_there() -> None:
    names = [f"1.7 {name}" for name in SERVERS | SERVERS_OF_1_7] + [f"1.4 {name}" for name in SERVERS]

    assert [server["name"] for server in RECORDING["servers"]] == names


@tokens(lambda token: token["token"].count(".") == 2)
def test_a_recorded_jwt_verifies(server: dict[str, Any], token: dict[str, Any]) -> None:
    header = jwt.get_unverified_header(token["token"])
    if header["alg"] == "HS256":
        claims = jwt.decode(token["token"], server["secret"], ["HS256"], options=AT_ANY_TIME)
    else:
        [key] = [key for key in server["jwks"]["keys"] if key["kid"] == header["kid"]]
        claims = jwt.decode(token["token"], jwt.PyJWK(key).key, [server["algorithm"]], options=AT_ANY_TIME)

    assert claims["iat"] <= MOMENT < claims["exp"]
    assert claims.get("sub", token["user_id"]) == token["user_id"]


@tokens(lambda token: token["kind"] in SIGNED)
def test_a_recorded_signed_cookie_verifies(server: dict[str, Any], token: dict[str, Any]) -> None:
    value, _, signature = unquote(token["token"]).partition(".")

    digest = hmac.new(server["secret"].encode(), value.encode(), hashlib.sha256).digest()
    assert base64.b64decode(signature) == digest
    assert (value in [session["token"] for session in server["sessions"]]) == (token["kind"] != "signed dont_remember")
