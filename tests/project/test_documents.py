"""The documents name every setting, link to what exists, and each decision has a date and a status."""

import re
from pathlib import Path

import pytest
from django.apps import apps

from tests.support.checkout import PROJECT

DECISIONS = sorted((PROJECT / "docs" / "decisions").glob("[0-9]*.md"))
DOCUMENTS = sorted([*PROJECT.glob("*.md"), PROJECT / "benchmarks" / "README.md", *(PROJECT / "docs").rglob("*.md")])
LINK = re.compile(r'\]\(([^)]+)\)|src="([^"]+)"')


def name_of(path: Path) -> str:
    return str(path.relative_to(PROJECT))


def anchors(document: Path) -> set[str]:
    """Return the anchors of the headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_link_to_a_file_or_a_heading_leads_somewhere(document: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", document.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)

    for target in (markdown or html for markdown, html in LINK.findall(text)):
        if target.startswith("http"):
            continue
        path, _, anchor = target.partition("#")
        linked = (document.parent / path).resolve() if path else document
        assert linked.exists(), target
        assert not anchor or anchor in anchors(linked), target


def test_the_table_of_settings_names_every_variable_and_no_other() -> None:
    lines = (PROJECT / ".env.example").read_text(encoding="utf-8").splitlines()
    variables = {line.partition("=")[0] for line in lines if line and not line.startswith("#")}
    rows = re.findall(r"^\| (`[^|]*) \|", (PROJECT / "docs" / "settings.md").read_text(encoding="utf-8"), re.MULTILINE)

    assert {name for row in rows for name in re.findall(r"`(\w+)`", row)} == variables


@pytest.mark.parametrize("decision", DECISIONS, ids=name_of)
def test_a_decision_has_a_date_and_a_status_and_is_listed(decision: Path) -> None:
    head = decision.read_text(encoding="utf-8").splitlines()[2]
    overview = (decision.parent / "README.md").read_text(encoding="utf-8")

    assert re.match(r"\*Date: \d{4}-\d\d-\d\d\. Status: (accepted|superseded by \[\d{4}\])", head)
    assert f"]({decision.name})" in overview


def test_the_tables_that_prisma_must_leave_alone_are_all_of_ours() -> None:
    text = (PROJECT / "docs" / "better-auth.md").read_text(encoding="utf-8")
    theirs = {"user", "session", "account", "verification", "jwks"}
    tables = {model._meta.db_table for model in apps.get_models(include_auto_created=True)} - theirs

    assert set(re.findall(r'"public\.(\w+)"', text)) == {*tables, "django_migrations"}


def test_the_readme_is_short() -> None:
    assert len((PROJECT / "README.md").read_text(encoding="utf-8").splitlines()) <= 110
