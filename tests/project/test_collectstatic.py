"""`collectstatic`, which platforms run in every build, works with the settings of a build: none."""

import pytest

from tests.support.checkout import Checkout


@pytest.mark.parametrize("variables", [{}, {"DATABASE_URL": "postgresql://db.example.com/todo"}], ids=["none", "some"])
def test_static_files_are_collected_without_secrets_and_without_a_database(
    tmp_path_factory: pytest.TempPathFactory, variables: dict[str, str]
) -> None:
    checkout = Checkout(tmp_path_factory.mktemp("copy"))

    ended = checkout.run("manage.py", "collectstatic", "--noinput", **variables)

    assert ended.returncode == 0, ended.stderr
    assert ended.stderr == ""
    assert (checkout.folder / "staticfiles" / "admin" / "css" / "base.css").exists()
    assert not (checkout.folder / ".local").exists()


def test_the_settings_of_any_other_command_are_judged(checkout: Checkout) -> None:
    ended = checkout.run("manage.py", "check", "collectstatic", DATABASE_URL="postgresql://db.example.com/todo")

    assert "SECRET_KEY is not set" in ended.stderr
