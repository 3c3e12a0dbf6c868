"""The TypeScript client: its types are those of the OpenAPI document, and its tests pass against a running API."""

import difflib
import re
from pathlib import Path

import pytest

from tests.better_auth.config import SECRET
from tests.frontend.node import CLIENT, installed, run
from tests.support.api_server import Api, manage

TYPES = CLIENT / "src" / "openapi.d.ts"
LINES_BY_HAND = 200


def test_the_client_is_small_enough_to_be_read() -> None:
    modules = [path for path in (CLIENT / "src").glob("*.ts") if path != TYPES]

    assert {path.name for path in modules} == {"client.ts", "queries.ts"}
    assert sum(path.read_text(encoding="utf-8").count("\n") for path in modules) <= LINES_BY_HAND


def test_the_committed_types_are_those_of_the_document(postgres: str, tmp_path: Path) -> None:
    document, generated = tmp_path / "openapi.json", tmp_path / "openapi.d.ts"
    written = manage(postgres, "spectacular", "--format", "openapi-json", "--file", str(document))
    assert written.returncode == 0, written.stderr

    run(installed(CLIENT), "node_modules/.bin/openapi-typescript", str(document), "-o", str(generated))

    committed = TYPES.read_text(encoding="utf-8").splitlines()
    differences = list(difflib.unified_diff(committed, generated.read_text(encoding="utf-8").splitlines(), lineterm=""))
    assert not differences, "Run `npm run types` in clients/typescript:\n" + "\n".join(differences[:40])


def test_the_tests_of_the_client_pass_against_a_running_api(migrated: str) -> None:
    folder = installed(CLIENT)

    with Api(migrated) as api:
        address = {"TODO_API_URL": f"http://127.0.0.1:{api.port}", "TODO_SECRET": SECRET}
        printed = run(folder, "npm", "test", "--silent", environment=address)

    passed = re.search(r"^# pass (\d+)$", printed, re.MULTILINE)
    assert passed
    assert int(passed[1]) >= 19
    if "# skipped 0" not in printed:
        pytest.fail(printed)
