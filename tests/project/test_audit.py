"""The audit of dependencies fails for an advisory, and says plainly if no advisory database could be asked."""

import importlib
import json
from typing import Any

import pytest

audit = importlib.import_module("scripts.audit")  # mypy knows the script by another name.

NAMED = {"name": "django", "version": "6.1.3", "vulns": []}
VULNERABLE = NAMED | {"vulns": [{"id": "CVE-2026-1", "fix_versions": ["6.1.4"]}]}
SKIPPED = {"name": "django", "skip_reason": "Dependency not found on PyPI and could not be audited"}
CAUSE = {"title": "Prototype pollution", "url": "https://github.com/advisories/GHSA-1"}


def pip_report(*packages: dict[str, Any]) -> str:
    return json.dumps({"dependencies": packages, "fixes": []})


def npm_report(**vulnerabilities: Any) -> str:
    return json.dumps({"auditReportVersion": 2, "vulnerabilities": vulnerabilities})


GOOD = (pip_report(NAMED), npm_report())


def audited(monkeypatch: pytest.MonkeyPatch, pip: str, npm: str) -> int:
    monkeypatch.setattr(audit, "pip_report", lambda *_: pip)
    monkeypatch.setattr(audit, "npm_report", lambda *_: npm)
    status: int = audit.main()
    return status


def test_without_advisories_it_passes(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert audited(monkeypatch, *GOOD) == 0
    assert capsys.readouterr().out.count("no known vulnerability\n") == 4


@pytest.mark.parametrize(
    ("pip", "npm", "line"),
    [
        (pip_report(NAMED, VULNERABLE), GOOD[1], "requirements.lock: django 6.1.3: CVE-2026-1, fixed in 6.1.4"),
        (
            GOOD[0],
            npm_report(lodash={"range": "<4", "via": [CAUSE, "another"]}),
            "tests/openapi/package-lock.json: lodash <4: Prototype pollution (https://github.com/advisories/GHSA-1)",
        ),
    ],
)
def test_an_advisory_fails_it_and_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], pip: str, npm: str, line: str
) -> None:
    assert audited(monkeypatch, pip, npm) == 1
    assert line in capsys.readouterr().out.splitlines()


@pytest.mark.parametrize("pip", ["", "Traceback", "[]", pip_report(SKIPPED, SKIPPED)])
@pytest.mark.parametrize("npm", ["", "npm error", '{"message": "405 Method Not Allowed", "error": {}}'])
def test_a_database_that_gives_no_answer_is_named_and_fails_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], pip: str, npm: str
) -> None:
    assert audited(monkeypatch, pip, npm) == 0
    assert capsys.readouterr().out.count("NOT AUDITED") == 4


def test_a_package_that_one_mirror_lacks_does_not_hide_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    assert audited(monkeypatch, pip_report(SKIPPED, VULNERABLE), GOOD[1]) == 1
