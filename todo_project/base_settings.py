"""Settings that are the same in every installation. `settings.py` adds those that the environment decides."""

from pathlib import Path

from corsheaders.defaults import default_headers
from django.utils.csp import CSP

BASE_DIR = Path(__file__).resolve().parent.parent

ROOT_URLCONF = "todo_project.urls"
WSGI_APPLICATION = "todo_project.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = "en-us"
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"
FORMAT_MODULE_PATH = "todo_project.formats"

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
    "todo_project.middleware.ServiceMiddleware",  # Answers API requests. What follows is only for pages.
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "todo_project.admin_access.AdminAccessMiddleware",
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

# Static files of the admin and the docs. WhiteNoise finds them in their packages: with a manifest storage, the admin's
# login would be a 500 until somebody runs `collectstatic`.
STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

# Security of the pages. Who signs in to the admin signs in again each day.
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_PATH = "/admin"
SESSION_COOKIE_SAMESITE = "Lax"  # With "Strict", a link in an email would lead to the login page.
CSRF_COOKIE_HTTPONLY = True
SECURE_REDIRECT_EXEMPT = [r"^(health|ready)/?$"]
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
    "security.W005",  # HSTS for subdomains: this API decides for its own host only.
    "security.W008",  # SSL redirect: behind a proxy that terminates TLS it would redirect API calls and health checks.
    "security.W021",  # HSTS preload: a decision about the whole domain, which its owner makes.
]
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024

# CORS; CORS_ALLOWED_ORIGINS is in settings.py.
CORS_ALLOW_CREDENTIALS = True
CORS_URLS_REGEX = r"^/(?!admin(/|$)|static/)"
CORS_ALLOW_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
CORS_ALLOW_HEADERS = [  # The setting of this name adds others.
    *default_headers,
    "authorization",
    "cache-control",
    "expires",
    "idempotency-key",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "pragma",
    "prefer",
    "x-request-id",
    # What monitoring in browsers adds to each request: a preflight that lacks one of them stops every request.
    *("baggage", "traceparent", "tracestate"),  # W3C: OpenTelemetry, Grafana Faro, Honeycomb and others
    "sentry-trace",
    *("x-datadog-origin", "x-datadog-parent-id", "x-datadog-sampled", "x-datadog-sampling-priority"),
    *("x-datadog-tags", "x-datadog-trace-id"),
    "newrelic",
    *("x-posthog-distinct-id", "x-posthog-session-id", "x-posthog-window-id"),
    *("b3", "x-b3-flags", "x-b3-parentspanid", "x-b3-sampled", "x-b3-spanid", "x-b3-traceid"),  # Zipkin
    "x-amzn-trace-id",  # AWS X-Ray
    "x-cloud-trace-context",  # Google Cloud
    *("correlation-context", "request-context", "request-id"),  # Azure Application Insights
    "elastic-apm-traceparent",
    *("uber-trace-id", "jaeger-debug-id"),  # Jaeger
]
CORS_EXPOSE_HEADERS = [
    "Content-Disposition",
    "ETag",
    "Idempotency-Replayed",
    "Link",
    "Location",
    "Preference-Applied",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "WWW-Authenticate",
    "X-Request-ID",
    "X-Total-Count",
]

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.authentication.BetterAuthAuthentication"],
    "DEFAULT_THROTTLE_CLASSES": ["todo_project.throttles.UserThrottle"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["todo_project.rest.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["todo_project.rest.JSONParser", "todo_project.rest.MergePatchParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "todo_project.rest.JSONNegotiation",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "todo_project.rest.exception_handler",
    "UNAUTHENTICATED_USER": None,
    "URL_FORMAT_OVERRIDE": None,
}

SPECTACULAR_SETTINGS = {
    "TITLE": "Todo API",
    "VERSION": "2.0.0",
    "DESCRIPTION": "Tasks of users who sign in with Better Auth. Each user can reach only their own tasks.",
    "OAS_VERSION": "3.1.1",
    "SERVERS": [{"url": "/", "description": "The server that serves this document."}],
    "TAGS": [
        {"name": "tasks", "description": "The caller's own tasks."},
        {"name": "me", "description": "Who the caller is, and all data stored about them."},
        {"name": "service", "description": "The service itself; no token is needed."},
    ],
    "COMPONENT_SPLIT_REQUEST": True,
    "COMPONENT_SPLIT_PATCH": False,  # It would make every field of a PATCH optional, `completed` of all tasks too.
    "COMPONENT_NO_READ_ONLY_REQUIRED": False,
    "POSTPROCESSING_HOOKS": ["todo_project.openapi.add_error_responses", "tasks.openapi.text.add_patterns"],
}
