"""OAuth clients of a Better Auth server: one that opens a browser, as MCP clients do, and one that cannot."""

import base64
import hashlib
import http.client
import json
import secrets
from typing import Any, cast
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.better_auth.person import Person
from tests.better_auth.project import LabError

REDIRECT = "http://127.0.0.1:9/callback"
DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
SCOPES = ["openid", "profile", "email", "offline_access", "tasks:read", "tasks:write"]


def provider(resource: str, **options: Any) -> dict[str, Any]:
    """The plugins of a server whose OAuth provider knows the API at `resource`."""
    registration = {"allowDynamicClientRegistration": True, "allowUnauthenticatedClientRegistration": True}
    return {
        "oauthProvider": {
            "loginPage": "/sign-in",
            "consentPage": "/consent",
            "scopes": SCOPES,
            "resources": [resource],
            "clientRegistrationDefaultResources": [resource],
            **registration,
            **options,
        },
        "oauthDeviceAuthorization": {"interval": "1s"},
    }


def send(method: str, url: str, body: Any = None, *, form: bool = False) -> Any:
    """The JSON that `url` answers to a client, which has neither cookies nor an origin."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=30)
    content = urlencode(body) if form else None if body is None else json.dumps(body)
    kind = "application/x-www-form-urlencoded" if form else "application/json"
    try:
        connection.request(method, f"{parts.path}?{parts.query}", content, {"Content-Type": kind})
        response = connection.getresponse()
        answer = json.loads(response.read() or b"null")
    finally:
        connection.close()
    if response.status >= 400:
        raise LabError(f"{method} {url} answered {response.status}: {answer}")
    return answer


class Client:
    """A client that has found the authorization server `issuer` and registers there."""

    def __init__(self, issuer: str) -> None:
        parts = urlsplit(issuer)
        # RFC 8414, section 3.1: the path of the issuer comes after the well-known one.
        self.server = send("GET", f"{parts.scheme}://{parts.netloc}/.well-known/oauth-authorization-server{parts.path}")
        metadata = {
            "client_name": "A client of the lab",
            "application_type": "native",
            "redirect_uris": [REDIRECT],
            "token_endpoint_auth_method": "none",
            "grant_types": ["authorization_code", "refresh_token", DEVICE_CODE],
            "response_types": ["code"],
        }
        self.id = send("POST", self.server["registration_endpoint"], metadata)["client_id"]

    def tokens(self, **request: str) -> dict[str, Any]:
        """What the token endpoint gives."""
        return cast(
            "dict[str, Any]",
            send("POST", self.server["token_endpoint"], {"client_id": self.id, **request}, form=True),
        )

    def by_browser(self, person: Person, scope: str, resource: str | None) -> dict[str, Any]:
        """The tokens after `person` has agreed in their browser (authorization code with PKCE)."""
        verifier = secrets.token_urlsafe(40)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        target = {"resource": resource} if resource else {}
        query = {
            "response_type": "code",
            "client_id": self.id,
            "redirect_uri": REDIRECT,
            "scope": scope,
            "state": "lab",
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            **target,
        }
        path = urlsplit(self.server["authorization_endpoint"]).path
        url = person.get(f"{path}?{urlencode(query)}").headers["Location"]
        if not url.startswith(REDIRECT):  # The user has not agreed to these scopes before.
            consent = {"accept": True, "oauth_query": urlsplit(url).query}
            url = person.post("/api/auth/oauth2/consent", consent).ok().json["url"]
        code = parse_qs(urlsplit(url).query)["code"][0]
        return self.tokens(
            grant_type="authorization_code", code=code, redirect_uri=REDIRECT, code_verifier=verifier, **target
        )

    def by_device(self, person: Person, scope: str, resource: str) -> dict[str, Any]:
        """The tokens after `person` has typed the code of the device into their browser (RFC 8628)."""
        request = {"client_id": self.id, "scope": scope, "resource": resource}
        code = send("POST", self.server["token_endpoint"].replace("/oauth2/token", "/device/code"), request, form=True)
        person.get(f"/api/auth/device?user_code={code['user_code']}").ok()
        person.post("/api/auth/device/approve", {"userCode": code["user_code"]}).ok()
        return self.tokens(grant_type=DEVICE_CODE, device_code=code["device_code"])
