"""Settings come from the environment, and `.env.example` names and explains each variable."""

import ast
import itertools
import re

import pytest

from tests.support.checkout import PROJECT, Checkout
from tests.support.settings import PRODUCTION, SETTINGS, SettingsOf

pytestmark = pytest.mark.usefixtures("empty_environment")


def names_read_by_settings() -> set[str]:
    """Return every variable that settings.py names in a call of `env.…("NAME")` or `secret("NAME")`."""
    names = set()
    for node in ast.walk(ast.parse(SETTINGS.read_text())):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            function = ast.unparse(node.func)
            if re.fullmatch(r"secret|env\.(?!problem)\w+", function):
                names.add(str(node.args[0].value))
    return names


def test_the_example_names_every_variable_once_and_no_other() -> None:
    lines = (PROJECT / ".env.example").read_text().splitlines()

    named = [line.partition("=")[0] for line in lines if line and not line.startswith("#")]

    assert sorted(named) == sorted(names_read_by_settings())


def test_every_variable_of_the_example_is_explained() -> None:
    lines = (PROJECT / ".env.example").read_text().splitlines()

    for above, line in itertools.pairwise(lines):
        if line and not line.startswith("#"):
            assert above, f"{line} has no explanation above it"


def test_the_unchanged_example_is_development_mode_with_the_defaults(settings_of: SettingsOf) -> None:
    lines = (PROJECT / ".env.example").read_text().splitlines()
    example = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))

    settings = {name: value for name, value in settings_of(**example).items() if name.isupper()}
    defaults = {name: settings_of()[name] for name in settings}

    assert settings == defaults
    assert settings["IS_DEVELOPMENT"]


@pytest.mark.parametrize(
    ("url", "keys", "issuer"),
    [
        ("https://app.example.com", "https://app.example.com/api/auth/jwks", "https://app.example.com"),
        ("https://app.example.com/", "https://app.example.com/api/auth/jwks", "https://app.example.com"),
        ("https://app.example.com/login/", "https://app.example.com/login/jwks", "https://app.example.com"),
        ("http://localhost:3000", "http://localhost:3000/api/auth/jwks", "http://localhost:3000"),
    ],
)
def test_better_auths_url_gives_the_url_of_its_keys_and_the_issuer_of_its_tokens(
    settings_of: SettingsOf, url: str, keys: str, issuer: str
) -> None:
    settings = settings_of(**PRODUCTION, BETTER_AUTH_URL=url)

    assert settings["BETTER_AUTH_KEYS"] == keys
    assert settings["BETTER_AUTH_ISSUER"] == settings["BETTER_AUTH_AUDIENCE"] == [issuer]


def test_with_a_shared_database_the_keys_are_read_from_its_table(settings_of: SettingsOf) -> None:
    settings = settings_of(**PRODUCTION, BETTER_AUTH_URL="https://app.example.com", BETTER_AUTH_SHARED_DATABASE="true")

    assert settings["BETTER_AUTH_KEYS"] == "table"


def test_a_url_of_the_keys_comes_before_the_table(settings_of: SettingsOf) -> None:
    settings = settings_of(
        **PRODUCTION,
        BETTER_AUTH_URL="https://app.example.com",
        BETTER_AUTH_SHARED_DATABASE="true",
        BETTER_AUTH_JWKS_URL="https://keys.example.com/jwks",
    )

    assert settings["BETTER_AUTH_KEYS"] == "https://keys.example.com/jwks"


NEON = "https://ep-x.neonauth.eu-central-1.aws.neon.tech/neondb/auth"


def test_neons_better_auth_is_named_by_neons_variable_and_has_no_secret(settings_of: SettingsOf) -> None:
    variables = {name: value for name, value in PRODUCTION.items() if name != "BETTER_AUTH_SECRET"}

    settings = settings_of(**variables, NEON_AUTH_BASE_URL=f"{NEON}/")

    assert settings["BETTER_AUTH_SECRET"] == ""
    assert settings["BETTER_AUTH_KEYS"] == f"{NEON}/.well-known/jwks.json"
    origin = ["https://ep-x.neonauth.eu-central-1.aws.neon.tech"]
    assert settings["BETTER_AUTH_ISSUER"] == settings["BETTER_AUTH_AUDIENCE"] == origin


def test_an_own_better_auth_beside_neons_variable_is_the_one(settings_of: SettingsOf) -> None:
    settings = settings_of(**PRODUCTION, NEON_AUTH_BASE_URL=NEON, BETTER_AUTH_URL="https://app.example.com")

    assert settings["BETTER_AUTH_KEYS"] == "https://app.example.com/api/auth/jwks"
    assert settings["BETTER_AUTH_ISSUER"] == ["https://app.example.com"]


@pytest.mark.parametrize(
    ("variables", "issuers"),
    [
        ({"BETTER_AUTH_URL": "https://app.example.com"}, ["https://app.example.com/api/auth"]),
        ({"BETTER_AUTH_URL": "https://app.example.com/base"}, ["https://app.example.com/base"]),
        (
            {"BETTER_AUTH_URL": "https://app.example.com", "BETTER_AUTH_ISSUER": "https://issuer.example"},
            ["https://issuer.example", "https://app.example.com/api/auth"],
        ),
    ],
)
def test_access_tokens_are_issued_by_the_base_url_or_the_issuer(
    variables: dict[str, str], issuers: list[str], settings_of: SettingsOf
) -> None:
    settings = settings_of(**PRODUCTION, **variables, BETTER_AUTH_RESOURCE="https://api.example.com/")

    assert settings["BETTER_AUTH_OAUTH_ISSUER"] == issuers
    assert settings["BETTER_AUTH_RESOURCE"] == "https://api.example.com/"


def test_origins_of_previews_are_a_pattern(settings_of: SettingsOf) -> None:
    settings = settings_of(**PRODUCTION, CORS_ORIGINS="https://app.example.com,https://*.preview.example.com/")

    assert settings["CORS_ALLOWED_ORIGINS"] == ["https://app.example.com"]
    assert settings["CORS_ORIGIN_PATTERNS"] == ["https://*.preview.example.com"]
    assert len(settings["CORS_ALLOWED_ORIGIN_REGEXES"]) == 1


def test_the_keys_can_have_another_url_than_the_issuer(settings_of: SettingsOf) -> None:
    settings = settings_of(
        **PRODUCTION,
        BETTER_AUTH_JWKS_URL="http://auth:3000/api/auth/jwks",
        BETTER_AUTH_ISSUER="https://app.example.com",
        BETTER_AUTH_AUDIENCE='["https://app.example.com", "https://www.example.com"]',
    )

    assert settings["BETTER_AUTH_KEYS"] == "http://auth:3000/api/auth/jwks"
    assert settings["BETTER_AUTH_ISSUER"] == ["https://app.example.com"]
    assert settings["BETTER_AUTH_AUDIENCE"] == ["https://app.example.com", "https://www.example.com"]


def test_without_better_auths_url_no_public_key_is_used(settings_of: SettingsOf) -> None:
    assert settings_of(**PRODUCTION)["BETTER_AUTH_KEYS"] == ""


def test_versioned_secrets_are_used_in_their_order_and_without_the_single_secret(settings_of: SettingsOf) -> None:
    new, old = "n" * 32, "o" * 32

    settings = settings_of(**{**PRODUCTION, "BETTER_AUTH_SECRET": old}, BETTER_AUTH_SECRETS=f"2:{new}, 1:{old}")

    assert settings["BETTER_AUTH_SECRET"] == new
    assert settings["BETTER_AUTH_RETIRED_SECRETS"] == {"1": old}


def test_production_is_secure_by_default(settings_of: SettingsOf) -> None:
    settings = settings_of(**PRODUCTION)

    assert settings["DEBUG"] is False
    assert settings["SESSION_COOKIE_SECURE"] is settings["CSRF_COOKIE_SECURE"] is True
    assert settings["SECURE_HSTS_SECONDS"] == 31_536_000
    assert settings["TIME_ZONE"] == "UTC"
    assert not settings["IS_DEVELOPMENT"]


def test_the_database_gets_a_bounded_pool_that_survives_a_cold_start(settings_of: SettingsOf) -> None:
    url = f"{PRODUCTION['DATABASE_URL']}?sslmode=require"

    database = settings_of(**{**PRODUCTION, "DATABASE_URL": url, "DATABASE_POOL_SIZE": "7"})["DATABASES"]["default"]

    assert database["OPTIONS"]["sslmode"] == "require"
    assert database["OPTIONS"]["connect_timeout"] == 10
    assert database["OPTIONS"]["pool"]["max_size"] == 7
    assert database["OPTIONS"]["pool"]["min_size"] == 0
    assert database["CONN_MAX_AGE"] == 0, "Django refuses a pool together with persistent connections"
    assert database["DISABLE_SERVER_SIDE_CURSORS"] is True, "a pooler loses them"


def test_a_proxys_header_is_trusted_only_if_it_is_configured(settings_of: SettingsOf) -> None:
    assert "SECURE_PROXY_SSL_HEADER" not in settings_of(**PRODUCTION)

    settings = settings_of(**PRODUCTION, SECURE_PROXY_SSL_HEADER="X-Forwarded-Proto")

    assert settings["SECURE_PROXY_SSL_HEADER"] == ("HTTP_X_FORWARDED_PROTO", "https")


@pytest.mark.parametrize(
    ("variables", "host"),
    [
        ({}, "127.0.0.1"),
        ({"PORT": "8080"}, "0.0.0.0"),
        ({"PORT": "8080", "HOST": "127.0.0.1"}, "127.0.0.1"),
        ({"PORT": "8080", "HOST": "::"}, "[::]"),
        ({"PORT": "8080", "DATABASE_URL": ""}, "127.0.0.1"),
    ],
)
def test_with_a_port_of_the_platform_a_deployment_listens_where_the_platform_reaches_it(
    settings_of: SettingsOf, variables: dict[str, str], host: str
) -> None:
    assert settings_of(**{**PRODUCTION, **variables})["HOST"] == host


def test_further_request_headers_are_added_to_those_of_the_preflight(settings_of: SettingsOf) -> None:
    before = settings_of()["CORS_ALLOW_HEADERS"]

    assert settings_of(CORS_ALLOW_HEADERS="X-Team, x-tenant")["CORS_ALLOW_HEADERS"] == [*before, "x-team", "x-tenant"]


def test_the_deployment_check_finds_no_issue_with_production(checkout: Checkout) -> None:
    ended = checkout.run(
        "manage.py", "check", "--deploy", "--fail-level", "DEBUG", **PRODUCTION, ALLOWED_HOSTS="api.example.com"
    )

    assert ended.returncode == 0, ended.stderr
    assert re.fullmatch(r"System check identified no issues \(\d silenced\)\.\n", ended.stdout)
    assert ended.stderr == ""


def test_every_silenced_check_has_its_reason() -> None:
    base_settings = PROJECT / "todo_project" / "base_settings.py"
    silenced = base_settings.read_text().partition("SILENCED_SYSTEM_CHECKS = [\n")[2].partition("]\n")[0]

    assert silenced
    assert all(re.fullmatch(r'    "\w+\.\w\d+",  # .{20,}', line) for line in silenced.splitlines())
