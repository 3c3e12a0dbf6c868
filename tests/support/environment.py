"""The environment of the tests, set before Django reads its settings: pytest loads this as a plugin.

TEST_DATABASE_URL names the PostgreSQL to test on; without it, the embedded one is used.
"""

import os

for name in [name for name in os.environ if name.startswith(("BETTER_AUTH_", "CORS_", "JWT_", "DATABASE_", "SECURE_"))]:
    del os.environ[name]

SECRET = "a-secret-of-the-tests-that-is-long-enough-for-sha-512-as-rfc-7518-wants-it"

os.environ.update(
    DATABASE_URL=os.environ.get("TEST_DATABASE_URL", ""),
    BETTER_AUTH_SECRET=SECRET,
    SECRET_KEY="a-key-of-the-tests-that-is-as-long-as-django-wants-them-to-be",
    CORS_ORIGINS="http://localhost:3000",
    ALLOWED_HOSTS="localhost,127.0.0.1,testserver",
    HTTPS="false",
    DEBUG="false",
)
