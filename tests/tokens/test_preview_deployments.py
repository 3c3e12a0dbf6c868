"""Preview deployments: a pattern of one label accepts their issuers, audiences and origins, and nobody else's."""

import pytest
from django.test import override_settings
from pytest_django.fixtures import Settings

from accounts.origins import is_accepted, is_pattern, regex
from tests.support.people import Person
from tests.support.tokens import (
    RAW,
    SESSION_CACHE_TYPE,
    answer_to,
    assert_login,
    assert_refused,
    cache_by_key,
    key,
    plugin,
    share_database,
    signed_session,
)

PATTERN = "https://*.preview.example.com"
PREVIEW = "https://todo-git-main.preview.example.com"
FOREIGN = [
    "https://preview.example.com",
    "https://.preview.example.com",
    "https://a.b.preview.example.com",
    "http://a.preview.example.com",
    "https://a.preview.example.com.evil.example",
    "https://evil.example/a.preview.example.com",
    "https://evil.example#a.preview.example.com",
    "https://evil@a.preview.example.com",
    "https://a.preview.example.com:8443",
    "https://a.preview.example.com/",
    "https://a.preview.example.com\n",
    "https://A.preview.example.com",
    "https://-.preview.example.com",
    "https://a-.preview.example.com",
    "https://a_b.preview.example.com",
    "https://*.preview.example.com.",
    "https://axpreview.example.com",
    "",
]


@pytest.mark.parametrize("pattern", [PATTERN, "https://*.example.com", "https://*.example.com:8443"])
def test_a_pattern_is_one_label_in_front_of_a_domain(pattern: str) -> None:
    assert is_pattern(pattern)
    assert is_accepted(pattern.replace("*", "a-1"), [pattern])


@pytest.mark.parametrize(
    "text",
    [
        "*",
        "https://*",
        "https://*.com",
        "https://*.vercel.app",
        "https://*.netlify.app",
        "https://*.co.uk",
        "http://*.preview.example.com",
        "https://todo-*.example.com",
        "https://*.*.example.com",
        "https://a.*.example.com",
        "https://*.example.com/path",
        "https://*.EXAMPLE.com",
        "https://**.example.com",
    ],
)
def test_whatever_reaches_further_is_none(text: str) -> None:
    assert not is_pattern(text)


@pytest.mark.parametrize("origin", FOREIGN)
def test_a_pattern_accepts_no_other_host(origin: str) -> None:
    assert not is_accepted(origin, [PATTERN])


@pytest.mark.django_db
def test_issuers_and_audiences_can_be_patterns(settings: Settings) -> None:
    share_database(settings)
    settings.BETTER_AUTH_ISSUER = settings.BETTER_AUTH_AUDIENCE = ["https://app.example.com", PATTERN]
    key("EdDSA").write()

    assert_login(answer_to(key("EdDSA").token()))
    assert_login(answer_to(key("EdDSA").token(plugin(iss=PREVIEW, aud=PREVIEW))))
    assert_login(answer_to(key("EdDSA").token(plugin(iss=PREVIEW, aud=["x", PREVIEW]))))
    assert_login(answer_to(key("EdDSA").token(cache_by_key(iss=PREVIEW), typ=SESSION_CACHE_TYPE)))
    for foreign in FOREIGN:
        assert_refused(answer_to(key("EdDSA").token(plugin(iss=foreign))))
        assert_refused(answer_to(key("EdDSA").token(plugin(aud=foreign))))


@pytest.mark.django_db
def test_the_cookie_of_a_preview_writes(settings: Settings) -> None:
    share_database(settings)
    settings.BETTER_AUTH_SESSION_COOKIE = True
    settings.CORS_ORIGIN_PATTERNS = [PATTERN]
    browser, cookie = Person("ada"), f"better-auth.session_token={signed_session(RAW)}"

    assert browser.post("/api/ada/tasks", {"title": "x"}, cookie=cookie, origin=PREVIEW).status == 201
    for foreign in FOREIGN:
        if "\n" not in foreign:
            assert browser.post("/api/ada/tasks", {"title": "x"}, cookie=cookie, origin=foreign).status == 403


def test_browsers_are_let_in_from_previews() -> None:
    with override_settings(CORS_ALLOWED_ORIGIN_REGEXES=[regex(PATTERN)]):
        assert Person("ada").get("/health", origin=PREVIEW).headers["Access-Control-Allow-Origin"] == PREVIEW
        for foreign in FOREIGN:
            if "\n" not in foreign:
                headers = Person("ada").get("/health", origin=foreign).headers
                assert "Access-Control-Allow-Origin" not in headers, foreign
