"""Somebody with an account, signed in: every token a Better Auth server gives them, and what they can do to it."""

from typing import Any, Self, cast

from tests.better_auth.browser import Answer, Browser

PASSWORD = "a-password-of-the-lab"


class Person(Browser):
    """Made by `BetterAuthServer.sign_up` and `sign_in`. What Better Auth refuses here raises LabError."""

    def __init__(self, url: str, origin: str, email: str) -> None:
        super().__init__(url, origin)
        self.email = email
        self.password = PASSWORD
        self.id = ""
        self.signed_in_with: Answer

    def sign_up(self, name: str, **fields: Any) -> Self:
        """Make the account; Better Auth signs in at once."""
        body = {"email": self.email, "password": self.password, "name": name, **fields}
        return self._enter(self.post("/api/auth/sign-up/email", body))

    def sign_in(self, *, remember: bool = True) -> Self:
        """Begin a new session."""
        body = {"email": self.email, "password": self.password, "rememberMe": remember}
        return self._enter(self.post("/api/auth/sign-in/email", body))

    def sign_in_as(self, email: str) -> Self:
        """Begin a new session under the URL that was changed to."""
        self.email = email
        return self.sign_in()

    def _enter(self, answer: Answer) -> Self:
        self.signed_in_with = answer.ok()
        self.id = answer.json["user"]["id"]
        return self

    # Tokens

    def jwt(self) -> str:
        """The jwt plugin's token, made now."""
        return cast(str, self.get("/api/auth/token").ok().json["token"])

    def minted(self) -> str:
        """An HS256 token that the app's own route mints for this session, made now."""
        return cast(str, self.get("/lab/minted").ok().json)

    def minted_by_api_key(self) -> str:
        """A token that the app mints for a program, which brings a new API key of this user and no cookie."""
        key = self.post("/api/auth/api-key/create", {"name": "a program"}).ok().json["key"]
        return cast(str, Browser(self.url, self.origin).get("/lab/minted", **{"x-api-key": key}).ok().json)

    def session_data_cookie(self) -> str:
        """The cookie cache as this browser has it: a JWT, a JWE or the compact form, by its strategy."""
        return self.cookie("session_data")

    def signed_session_token(self) -> str:
        """`token.signature`, from the session cookie, percent-decoded."""
        return self.cookie("session_token")

    def set_auth_token(self) -> str:
        """The header `set-auth-token` of the sign-in (bearer plugin), as it came: 1.4 percent-encodes it."""
        return cast(str, self.signed_in_with.headers["set-auth-token"])

    def raw_session_token(self) -> str:
        """The `token` of the session row, as the sign-in's JSON gives it."""
        return cast(str, self.signed_in_with.json["token"])

    def session(self) -> dict[str, Any] | None:
        """Better Auth's answer to "who is this?": {session, user}, or None for nobody."""
        return cast("dict[str, Any] | None", self.get("/api/auth/get-session").ok().json)

    # Changes

    def sign_out(self) -> None:
        """End this session."""
        self.post("/api/auth/sign-out").ok()

    def change_email(self, email: str) -> None:
        """Ask for another URL: it counts once the link in the mail is followed."""
        self.post("/api/auth/change-email", {"newEmail": email}).ok()

    def follow(self, link: str) -> Answer:
        """Open the link of a mail, at the lab's own URL."""
        return self.get("/" + link.split("/", 3)[3])

    def change_password(self, password: str, *, sign_out_others: bool = False) -> None:
        """Change it, and end every other session where asked to."""
        body = {"currentPassword": self.password, "newPassword": password, "revokeOtherSessions": sign_out_others}
        self.post("/api/auth/change-password", body).ok()
        self.password = password

    def delete_user(self) -> None:
        """Delete the own account."""
        self.post("/api/auth/delete-user", {"password": self.password}).ok()

    # As an administrator

    def ban_user(self, user_id: str, *, seconds: int | None = None) -> None:
        """Ban somebody, for `seconds` or for good."""
        body = {"userId": user_id} | ({"banExpiresIn": seconds} if seconds is not None else {})
        self.post("/api/auth/admin/ban-user", body).ok()

    def unban_user(self, user_id: str) -> None:
        """Let somebody in again."""
        self.post("/api/auth/admin/unban-user", {"userId": user_id}).ok()

    def remove_user(self, user_id: str) -> None:
        """Delete somebody's account."""
        self.post("/api/auth/admin/remove-user", {"userId": user_id}).ok()
