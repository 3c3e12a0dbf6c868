"""How the tables and columns of Better Auth are called here: BETTER_AUTH_SCHEMA.

Its own migration and Prisma write camelCase columns, Drizzle snake_case ones. The tables are called `user`, `session`
and so on; or all of them are plural (`usePlural`), or only the users (`user: {modelName: "users"}`).
"""

import re

from django.conf import settings

COLUMNS = ("camelCase", "snake_case")
TABLES = ("", "-users", "-plural")
SCHEMAS = tuple(f"{columns}{tables}" for columns in COLUMNS for tables in TABLES)


def table_name(name: str, schema: str | None = None) -> str:
    """Return the table that Better Auth calls `name` by default. Its plural of jwks is jwkss."""
    tables = (schema or settings.BETTER_AUTH_SCHEMA).partition("-")[2]
    return f"{name}s" if tables == "plural" or (tables == "users" and name == "user") else name


def column_name(name: str, schema: str | None = None) -> str:
    """Return the column that Better Auth calls `name`, such as emailVerified."""
    is_snake_case = (schema or settings.BETTER_AUTH_SCHEMA).startswith("snake_case")
    return re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", name) if is_snake_case else name
