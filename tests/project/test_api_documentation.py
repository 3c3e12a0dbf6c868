"""docs/api.md tells the truth: each example, run by Node against a running API, prints what stands below it."""

import os
import re
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.better_auth.config import SECRET
from tests.better_auth.project import OLDEST_NODE
from tests.support.api_server import Api, manage
from tests.support.checkout import PROJECT
from tests.support.databases import fresh_database, server_url
from tests.support.people import token_of

DOCUMENT = (PROJECT / "docs" / "api.md").read_text(encoding="utf-8")
ANY_LINES = re.DOTALL | re.MULTILINE
MODULES: dict[str, str] = dict(re.findall(r"^```js\n// (\w+\.mjs)\n(.*?)^```$", DOCUMENT, ANY_LINES))


class Example(NamedTuple):
    """What a section has its reader run, and what that prints."""

    code: str
    printed: str


SECTIONS = [section.partition("\n") for section in DOCUMENT.split("\n## ")[1:]]
EXAMPLES = {
    title: Example(*example)
    for title, _, text in SECTIONS
    for example in re.findall(r"^```js\n((?!// \w+\.mjs\n).*?)^```\n\n```text\n(.*?)^```$", text, ANY_LINES)
}

# A network that carries out the first request of a method and loses its answer.
LOSES_AN_ANSWER = """
const reached = globalThis.fetch;
globalThis.fetch = async (...request) => {
  const answer = await reached(...request);
  if (request[1].method !== "%s") return answer;
  globalThis.fetch = reached;
  console.error("An answer was lost.");
  throw new TypeError("fetch failed");
};
"""
UPDATES_AGAIN = """
import { request } from "./todo.mjs";
import { update } from "./update.mjs";

const { body: task } = await request("POST", "tasks", { json: { title: "Buy milk" } });
const save = () => update(task, { title: "Buy oat milk" }, () => {});
await save().catch(save);
console.log((await request("GET", `tasks/${task.id}`)).body.version);
"""


@pytest.fixture(scope="module")
def node() -> str:
    """The Node of this machine. Without it the tests are skipped, but in CI they fail."""
    path = shutil.which("node")
    version = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout if path else "v0"
    if path is None or int(version.removeprefix("v").split(".")[0]) < OLDEST_NODE:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(
            f"The examples of docs/api.md want Node ≥ {OLDEST_NODE}."
        )
    return path


@pytest.fixture(scope="module")
def api(django_db_setup: None) -> Iterator[Api]:
    """A running API on a database of its own."""
    with fresh_database(server_url()) as url:
        assert manage(url, "migrate", "--verbosity=0").returncode == 0
        with Api(url) as api:
            yield api


class Reader:
    """Somebody who tries the examples, and had no tasks."""

    def __init__(self, node: str, api: Api, folder: Path) -> None:
        self.node, self.folder, self.user = node, folder, f"reader-{secrets.token_hex(4)}"
        self.environment = {
            "PATH": os.environ["PATH"],
            "TODO_API_URL": f"http://127.0.0.1:{api.port}",
            "TODO_USER": self.user,
            "TODO_TOKEN": token_of(self.user, secret=SECRET),
        }
        for name, code in MODULES.items():
            (folder / name).write_text(code, encoding="utf-8")

    def run(self, code: str, *options: str) -> "subprocess.CompletedProcess[str]":
        """Save the code beside the modules, run it, and return how it ended."""
        (self.folder / "example.mjs").write_text(code, encoding="utf-8")
        return subprocess.run(
            [self.node, *options, "example.mjs"],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )


@pytest.fixture
def reader(node: str, api: Api, tmp_path: Path) -> Reader:
    """A reader of the document."""
    return Reader(node, api, tmp_path)


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES)
def test_an_example_prints_what_stands_below_it(reader: Reader, example: Example) -> None:
    ended = reader.run(example.code)

    assert ended.stderr == ""
    assert ended.stdout == example.printed


@pytest.mark.parametrize(
    ("method", "code", "printed"),
    [
        pytest.param("POST", *EXAMPLES["Create once"], id="create"),
        pytest.param("PATCH", UPDATES_AGAIN, "2\n", id="update"),
    ],
)
def test_a_write_whose_answer_got_lost_is_done_once(reader: Reader, method: str, code: str, printed: str) -> None:
    (reader.folder / "network.mjs").write_text(LOSES_AN_ANSWER % method)

    ended = reader.run(code, "--import", "./network.mjs")

    assert ended.stderr == "An answer was lost.\n"
    assert ended.stdout == printed


def test_every_section_has_an_example_and_every_block_of_code_is_run() -> None:
    assert list(EXAMPLES) == [title for title, _, _ in SECTIONS]
    assert DOCUMENT.count("```js\n") == len(MODULES) + len(EXAMPLES)
    assert all(f"./{name}" in DOCUMENT for name in MODULES)
