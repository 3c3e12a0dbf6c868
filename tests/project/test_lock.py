"""What is installed is pinned, with its dependencies and with hashes of its files: `make lock` writes three files."""

import re

import pytest

from tests.support.checkout import PROJECT

PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(\S+)", re.MULTILINE)


def pins(name: str) -> dict[str, str]:
    """Return the versions of the packages in a file, by the names of PEP 503."""
    text = (PROJECT / name).read_text(encoding="utf-8")
    return {re.sub(r"[-_.]+", "-", package.lower()): version for package, version in PIN.findall(text)}


def entries(name: str) -> list[str]:
    """Return each package of a lock with the lines that belong to it."""
    return re.split(r"\n(?=[A-Za-z0-9])", (PROJECT / name).read_text(encoding="utf-8").strip())


@pytest.mark.parametrize("name", ["requirements", "requirements-dev"])
def test_a_lock_has_every_requirement_in_its_version_and_hashes_of_each_package(name: str) -> None:
    locked = pins(f"{name}.lock")

    assert pins(f"{name}.txt").items() <= locked.items()
    assert len(entries(f"{name}.lock")) == len(locked)
    assert all(re.search(r"--hash=sha256:[0-9a-f]{64}", entry) for entry in entries(f"{name}.lock"))


def test_all_three_files_agree() -> None:
    assert pins("constraints.txt") == pins("requirements-dev.lock")
    assert pins("requirements.lock").items() <= pins("requirements-dev.lock").items()


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock", "constraints.txt"])
def test_a_pin_names_no_host_so_that_any_index_or_mirror_serves_it(name: str) -> None:
    assert "://" not in (PROJECT / name).read_text(encoding="utf-8")
