"""What a Better Auth server of the lab is to be like."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

type Version = Literal["1.7", "1.4"]
type Algorithm = Literal["EdDSA", "ES256", "ES512", "RS256", "PS256"]
type Strategy = Literal["jwt", "compact", "jwe"]
type Tool = Literal["drizzle", "prisma"]

SECRET = "the-lab-signs-with-this-secret-and-nothing-else-does"


@dataclass(frozen=True, kw_only=True)
class Config:
    """A server of `version` on `database`: what is not set here is as Better Auth has it by default."""

    database: str
    """postgresql://…, where Better Auth's tables are."""
    version: Version = "1.7"
    port: int = 0
    """0 picks a free one."""
    secret: str = SECRET
    secrets: Mapping[int, str] = field(default_factory=dict)
    """Versioned secrets (1.7), the current one first; they take the place of `secret`."""
    base_url: str | None = None
    """The public URL, which tokens name; by default the server's own on the loopback."""
    cookie_cache: Strategy | None = None
    cookie_cache_seconds: int = 300
    jwt: Algorithm | None = None
    """Switches the jwt plugin on."""
    jwt_options: Mapping[str, Any] = field(default_factory=dict)
    """Merged into the jwt plugin's own, as {"jwks": {"rotationInterval": 1, "gracePeriod": 60}}."""
    sid: bool = False
    """Whether the jwt plugin's tokens, through `definePayload`, and the minted ones carry the session's id."""
    moves_to: str = ""
    """Where the anonymous plugin's `onLinkAccount` sends an order to move the tasks."""
    admin: bool = False
    bearer: bool = False
    secure_cookies: bool | None = None
    """None leaves it to Better Auth: by the scheme of `base_url`."""
    ids: Literal["uuid", "serial"] | None = None
    """`advanced.database.generateId`."""
    tool: Tool | None = None
    """What reads and writes the tables; None: Better Auth itself."""
    schema: str | None = None
    """The file of schemas/ that the tool generated; by default the one of the tool's name."""
    use_plural: bool = False
    plugins: Mapping[str, Any] = field(default_factory=dict)
    """Options of plugins by name, as {"admin": {"schema": …}}."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """Any other option of Better Auth, as {"user": {"modelName": "users"}}."""

    @property
    def current_secret(self) -> str:
        """The secret that HS256 tokens and cookies are signed with now."""
        return next(iter(self.secrets.values()), self.secret)

    def to_json(self) -> str:
        """What BETTER_AUTH_LAB holds (options.mjs)."""
        switched_on: dict[str, Any] = {}
        if self.jwt:
            switched_on["jwt"] = {"jwks": {"keyPairConfig": {"alg": self.jwt}}}
        switched_on |= {name: {} for name in ("admin", "bearer") if getattr(self, name)}
        return json.dumps(
            {
                "version": self.version,
                "database": self.database,
                "port": self.port,
                "sid": self.sid,
                "adapter": self.tool
                and {"tool": self.tool, "schema": self.schema or self.tool, "usePlural": self.use_plural},
                "movesTo": self.moves_to,
                "plugins": merged(merged(switched_on, {"jwt": self.jwt_options} if self.jwt else {}), self.plugins),
                "options": merged(self.better_auth_options(), self.options),
            }
        )

    def better_auth_options(self) -> dict[str, Any]:
        """The options that have a field here, as Better Auth spells them."""
        options: dict[str, Any] = {"session": {}, "advanced": {}}
        if self.secrets:
            options["secrets"] = [{"version": version, "value": value} for version, value in self.secrets.items()]
        else:
            options["secret"] = self.secret
        if self.base_url:
            options["baseURL"] = self.base_url
        if self.cookie_cache:
            cache = {"enabled": True, "strategy": self.cookie_cache, "maxAge": self.cookie_cache_seconds}
            options["session"]["cookieCache"] = cache
        if self.secure_cookies is not None:
            options["advanced"]["useSecureCookies"] = self.secure_cookies
        if self.ids:
            options["advanced"]["database"] = {"generateId": self.ids}
        return options


def merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Both, objects inside objects too; where they differ, `above` counts."""
    result = dict(below)
    for key, value in above.items():
        inner = result.get(key)
        result[key] = merged(inner, value) if isinstance(inner, Mapping) and isinstance(value, Mapping) else value
    return result
