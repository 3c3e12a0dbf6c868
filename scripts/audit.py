"""Asks the advisory databases of PyPI and npm about every pinned dependency. `.ci/run` calls it.

Exit status 1 if an advisory concerns one. If a database cannot be asked (no network, or a mirror without advisories),
it says so and goes on: a build must not fail because the server of somebody else is away.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("requirements.lock", "requirements-dev.lock")
NODE = ("tests/openapi", "tests/better_auth")
PIP_AUDIT = "pip-audit==2.10.1"  # Not in requirements-dev.txt: its thirty dependencies are needed by nothing else.
PATIENCE_SECONDS = 300


class NotAskedError(Exception):
    """The advisory database gave no answer. The text says why."""


def advisories_of_pip(report: str) -> list[str]:
    """Return what pip-audit's JSON reports. Raises NotAskedError."""
    try:
        packages: list[dict[str, Any]] = json.loads(report)["dependencies"]
    except (ValueError, KeyError, TypeError):
        raise NotAskedError("pip-audit could not ask PyPI's advisory database") from None
    known = [package for package in packages if "skip_reason" not in package]
    if packages and not known:
        raise NotAskedError("the package index has no advisories, as many mirrors")
    return [
        f"{package['name']} {package['version']}: {advisory['id']},"
        f" fixed in {', '.join(advisory['fix_versions']) or 'no version yet'}"
        for package in known
        for advisory in package["vulns"]
    ]


def advisories_of_npm(report: str) -> list[str]:
    """Return what `npm audit --json` reports. Raises NotAskedError."""
    try:
        vulnerabilities: dict[str, dict[str, Any]] = json.loads(report)["vulnerabilities"]
    except (ValueError, KeyError, TypeError):
        raise NotAskedError("npm could not ask its registry's advisory database") from None
    return [
        f"{name} {found['range']}: {cause['title']} ({cause['url']})"
        for name, found in vulnerabilities.items()
        for cause in found["via"]
        if isinstance(cause, dict)
    ]


def output(*command: str | Path, folder: Path = ROOT) -> str:
    """Return what a command writes, whatever its status: both tools have the same one for errors and advisories."""
    environment = os.environ | {"NPM_CONFIG_AUDIT": "true"}
    try:
        ended = subprocess.run(  # noqa: S603  our own arguments
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return ended.stdout


def pip_report(lock: str, venv: Path) -> str:
    program = venv / "bin" / "pip-audit"
    if not program.exists():
        output(sys.executable, "-m", "venv", venv)
        output(venv / "bin" / "python", "-m", "pip", "install", "--quiet", PIP_AUDIT)
    options = ("--require-hashes", "--disable-pip", "--progress-spinner=off", "--format=json")
    return output(program, *options, "--requirement", lock)


def npm_report(folder: str) -> str:
    npm = shutil.which("npm")
    return output(npm, "audit", "--json", "--package-lock-only", folder=ROOT / folder) if npm else ""


def main() -> int:
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        reports = [(lock, advisories_of_pip, partial(pip_report, lock, Path(folder))) for lock in LOCKS]
        reports += [(f"{name}/package-lock.json", advisories_of_npm, partial(npm_report, name)) for name in NODE]
        for name, judge, report in reports:
            try:
                advisories = judge(report())
            except NotAskedError as error:
                sys.stdout.write(f"{name}: NOT AUDITED, because {error}.\n")
                continue
            failed = failed or bool(advisories)
            sys.stdout.write("".join(f"{name}: {line}\n" for line in advisories or ["no known vulnerability"]))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
