"""docs/frontend.md shows code that runs: each snippet is a part of the file that its first line names."""

import re

import pytest

from tests.frontend.node import ROOT

DOCUMENT = (ROOT / "docs" / "frontend.md").read_text(encoding="utf-8")
SNIPPETS = re.findall(r"^```ts\n// (\S+)\n(.*?)^```$", DOCUMENT, re.DOTALL | re.MULTILINE)


def test_every_block_of_typescript_names_its_file() -> None:
    assert len(SNIPPETS) == DOCUMENT.count("```ts\n") >= 8


@pytest.mark.parametrize(
    ("file", "snippet"), SNIPPETS, ids=[f"{number}-{file}" for number, (file, _) in enumerate(SNIPPETS)]
)
def test_a_snippet_is_a_part_of_its_file(file: str, snippet: str) -> None:
    assert snippet in (ROOT / file).read_text(encoding="utf-8")
