"""scripts/install ends with one sentence if the machine lacks something, and leaves nothing half installed."""

import subprocess
from pathlib import Path

from tests.support.checkout import PROJECT

# A Python that is new enough, and whose venv or pip does what $VENV and $PIP say.
PYTHON = """#!/bin/sh
case "$*" in
    --version) echo "Python 3.13.0" ;;
    "-m venv"*) mkdir -p "$3/bin"; $VENV && cp "$0" "$3/bin/python" && touch "$3/bin/pip" && chmod +x "$3/bin/pip" ;;
    "-m pip"*) echo "$* user=${PIP_USER:-no}"; $PIP ;;
esac
"""


def install(folder: Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    programs = folder / "programs"
    programs.mkdir()
    python = programs / "python3.13"
    python.write_text(variables.pop("PYTHON", PYTHON))
    python.chmod(0o755)
    return subprocess.run(
        ["/bin/sh", PROJECT / "scripts" / "install", "a venv"],
        cwd=folder,
        env={"PATH": f"{programs}:/usr/bin:/bin", "VENV": "true", "PIP": "true", **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_installs_into_a_new_virtual_environment_whatever_pips_variables_say(tmp_path: Path) -> None:
    ended = install(tmp_path, PIP_USER="1", PIP_TARGET="/elsewhere")

    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.splitlines()[0] == "Installing into a venv with Python 3.13.0 …"
    assert ended.stdout.splitlines()[1].endswith("--require-hashes -r requirements-dev.lock user=no")
    assert ended.stderr == ""


def test_a_python_without_venv_is_named_with_the_package_and_leaves_no_folder(tmp_path: Path) -> None:
    ended = install(tmp_path, VENV="false")

    assert ended.returncode == 1
    assert ended.stderr.startswith("python3.13 cannot create the virtual environment a venv")
    assert ended.stderr.endswith("install the package python3-venv.\n")
    assert len(ended.stderr.splitlines()) == 1
    assert not (tmp_path / "a venv").exists()


def test_packages_that_cannot_be_installed_are_explained(tmp_path: Path) -> None:
    ended = install(tmp_path, PIP="false")

    assert ended.returncode == 1
    assert ended.stderr.startswith("The packages were not installed; the lines above say why.")


def test_a_broken_python_is_not_taken(tmp_path: Path) -> None:
    for name in ("python3.14", "python3.12", "python3", "python"):
        (tmp_path / name).write_text("#!/bin/sh\nexit 1\n")
        (tmp_path / name).chmod(0o755)

    ended = install(tmp_path, PYTHON="#!/bin/sh\nexit 1\n", PATH=f"{tmp_path}:{tmp_path / 'programs'}:/usr/bin:/bin")

    assert ended.returncode == 1
    assert ended.stderr.startswith("The Todo API needs Python 3.12 or newer, but none was found.")


def test_scripts_keep_their_line_ends_in_every_clone() -> None:
    assert "* text=auto eol=lf" in (PROJECT / ".gitattributes").read_text().splitlines()
    for name in ("Makefile", "scripts/install", "scripts/check", ".ci/run"):
        assert b"\r" not in (PROJECT / name).read_bytes()
