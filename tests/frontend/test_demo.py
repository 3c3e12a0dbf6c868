"""`make demo`: nothing prepared but Node, and one address on which the app works."""

import os
import subprocess
import sys
import urllib.request

from tests.frontend.node import ROOT
from tests.frontend.site import Site
from tests.support.api_server import free_port
from tests.support.databases import fresh_database


def test_the_demo_prints_one_address_that_answers(site: Site, postgres: str) -> None:
    with fresh_database(postgres) as database:
        environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        variables = {"DATABASE_URL": database, "PORT": str(free_port()), "API_PORT": str(free_port())}
        with subprocess.Popen(
            [sys.executable, "scripts/demo.py"],
            cwd=ROOT,
            env={**environment, **variables},
            stdout=subprocess.PIPE,
            text=True,
        ) as demo:
            assert demo.stdout
            printed = next(line for line in demo.stdout if "http" in line)
            address = f"http://localhost:{variables['PORT']}"
            with urllib.request.urlopen(address) as response:
                page = response.read().decode()
            demo.terminate()
            demo.communicate(timeout=30)

    assert printed.split()[:5] == ["The", "app", "is", "at", address]
    assert "Sign in" in page
    assert demo.returncode == 0
