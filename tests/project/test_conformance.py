"""The API does what its OpenAPI document says: schemathesis sends what the document allows and what it forbids.

Alone, and in sequences of operations in which one uses what another has answered. With a fixed seed: it finds the same
tomorrow. What only the API knows is in tests/openapi/schemathesis_hooks.py.
"""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

from tests.support.api_server import ROOT, Api, manage
from tests.support.databases import fresh_database, server_url
from tests.support.people import token_of

EXAMPLES = 15  # For each operation and phase.


def test_schemathesis_finds_nothing() -> None:
    with fresh_database(server_url()) as url:
        assert manage(url, "migrate", "--verbosity=0").returncode == 0
        with Api(url) as api:
            expires = datetime.now(UTC) + timedelta(hours=1)
            token = token_of("ada", secret=api.secret, email="ada@example.com", name="Ada", exp=expires)

            ended = subprocess.run(
                [
                    *(sys.executable, "-m", "schemathesis.cli", "--config-file=tests/openapi/schemathesis.toml"),
                    *("run", f"http://127.0.0.1:{api.port}/openapi.json", f"--max-examples={EXAMPLES}"),
                    # The hooks have that check in another form.
                    *("--checks=all", "--exclude-checks=positive_data_acceptance"),
                ],
                cwd=ROOT,
                env={**os.environ, "TOKEN": token, "NO_COLOR": "1"},
                capture_output=True,
                text=True,
                timeout=300,
                check=False,
            )

    assert ended.returncode == 0, ended.stdout[-20_000:] + ended.stderr[-2000:]
    assert "Operations:       18 selected / 18 total" in ended.stdout
    assert all(f"✅  {phase}" in ended.stdout for phase in ("Examples", "Coverage", "Fuzzing", "Stateful"))
