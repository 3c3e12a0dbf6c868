"""The schemas that Better Auth's own tools give its tables, each with the value of BETTER_AUTH_SCHEMA that names it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.better_auth.config import Config, Tool


@dataclass(frozen=True)
class Shape:
    """options: of Better Auth. schema: the file of schemas/."""

    setting: str
    tool: Tool | None = None
    schema: str | None = None
    use_plural: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)

    def config(self, database: str, **more: Any) -> Config:
        """Return the config of a Better Auth that has its tables in this shape."""
        return Config(
            database=database,
            tool=self.tool,
            schema=self.schema,
            use_plural=self.use_plural,
            options=self.options,
            **more,
        )

    def settings(self, **more: str) -> dict[str, str]:
        """Return the API's settings."""
        return {"BETTER_AUTH_SHARED_DATABASE": "true", "BETTER_AUTH_SCHEMA": self.setting, **more}

    @property
    def users(self) -> str:
        """The table of users."""
        return "users" if self.setting.partition("-")[2] else "user"


USERS = {"user": {"modelName": "users"}}
SHAPES = {
    "its own migration": Shape("camelCase"),
    "its own migration, users": Shape("camelCase-users", options=USERS),
    "Drizzle": Shape("snake_case", "drizzle"),
    "Drizzle, users": Shape("snake_case-users", "drizzle", "drizzle-users", options=USERS),
    "Drizzle, plural": Shape("snake_case-plural", "drizzle", "drizzle-plural", use_plural=True),
    "Prisma": Shape("camelCase", "prisma"),
}
