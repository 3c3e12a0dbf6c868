"""A real Chromium, as it is packaged, driven by Playwright."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, sync_playwright

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def chromium_program() -> str:
    """The path of the browser. Without one the test is skipped, but in CI it fails."""
    found = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if found is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("This test needs one of " + ", ".join(PROGRAMS))
    return found


@contextmanager
def running_chromium() -> Iterator[Browser]:
    """The browser, for fixtures of a module: while Playwright runs, its event loop forbids other tests theirs."""
    program = chromium_program()
    with sync_playwright() as playwright:
        # Chromium refuses to run as root with its sandbox, as in containers.
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield browser
        browser.close()
