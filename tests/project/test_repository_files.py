"""What a repository host reads: the hosted CI calls ours, and an issue asks for what explains most."""

from typing import Any

import pytest
import yaml

from tests.support.checkout import PROJECT

GITHUB = PROJECT / ".github"
FILES = sorted([*GITHUB.rglob("*.y*ml"), PROJECT / ".pre-commit-config.yaml"])


def read(name: str) -> Any:
    return yaml.safe_load((GITHUB / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_each_file_can_be_read(file: Any) -> None:
    assert yaml.safe_load(file.read_text(encoding="utf-8"))


def test_the_hosted_ci_runs_what_every_machine_runs() -> None:
    assert read("workflows/ci.yaml")["jobs"]["ci"]["steps"][-1] == {"run": "bash .ci/run"}


def test_who_reports_a_bug_is_asked_for_doctor_and_explain_token() -> None:
    asked = {field.get("id"): field for field in read("ISSUE_TEMPLATE/bug.yaml")["body"]}

    assert "manage.py doctor" in asked["doctor"]["attributes"]["label"]
    assert "manage.py explain_token" in asked["explain_token"]["attributes"]["label"]


def test_dependabot_looks_at_every_lock() -> None:
    found = {(entry["package-ecosystem"], entry.get("directory")) for entry in read("dependabot.yml")["updates"]}
    npm = next(entry for entry in read("dependabot.yml")["updates"] if entry["package-ecosystem"] == "npm")

    assert {("pip", "/"), ("docker", "/"), ("github-actions", "/")} <= found
    locks = {f"/{lock.parent.relative_to(PROJECT)}" for lock in PROJECT.glob("tests/*/package-lock.json")}
    assert set(npm["directories"]) == locks
