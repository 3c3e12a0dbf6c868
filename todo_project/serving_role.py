"""What the role needs that the API connects as, if another role migrates; and row-level security for it.

docs/least-privileges.md says how the two roles are made, and which statements this runs.
"""

from collections.abc import Iterator

from django.apps import apps
from django.conf import settings
from psycopg import sql

from accounts.models import Account, Jwk, Session, User, Verification

type Statement = sql.Composed

BETTER_AUTH = {User, Session, Account, Verification, Jwk}
# Erasing a user also deletes what Django's admin has logged about them.
READ = ("django_migrations", "django_content_type", "django_admin_log")
DELETED = ("django_admin_log",)
OWNER = "user_id"


def tables(app: str) -> list[str]:
    """Return the tables of an app that are ours."""
    models = apps.get_app_config(app).get_models(include_auto_created=True)
    return sorted(model._meta.db_table for model in models if model not in BETTER_AUTH)


def tables_of_users() -> list[str]:
    """Return the tables whose rows belong to a user."""
    models = apps.get_app_config("tasks").get_models()
    return sorted(
        model._meta.db_table
        for model in models
        if OWNER in {field.column for field in model._meta.get_fields() if hasattr(field, "column")}
    )


def grants(role: str) -> Iterator[Statement]:
    """Yield the statements that give `role` what serving needs, and take everything else from it."""
    is_shared = settings.BETTER_AUTH_SHARED_DATABASE
    yield granted("USAGE ON SCHEMA {}", role, "public")
    yield sql.SQL("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {}").format(sql.Identifier(role))
    for table in (*tables("tasks"), *tables("accounts")):
        yield granted("SELECT, INSERT, UPDATE, DELETE ON {}", role, table)
    # To move tasks, their new ids are taken from the sequence of the column before they are inserted.
    yield granted("USAGE ON SEQUENCE {}", role, "tasks_id_seq")
    if is_shared:
        # Better Auth's: they are read; to lock a user's row, PostgreSQL wants the right to change one column of it.
        for model in (User, Session, Jwk):
            yield granted("SELECT ON {}", role, model._meta.db_table)
        column = str(User._meta.get_field("updated_at").column)
        yield granted("UPDATE ({}) ON {}", role, column, User._meta.db_table)
    else:
        yield granted("SELECT, INSERT, UPDATE, DELETE ON {}", role, User._meta.db_table)
    for table in READ:
        yield granted("SELECT ON {}", role, table)
    for table in DELETED:
        yield granted("DELETE ON {}", role, table)


def granted(privilege: str, role: str, *names: str) -> Statement:
    text = sql.SQL(f"GRANT {privilege} TO {{}}")  # Our own text, not an input.
    return text.format(*map(sql.Identifier, names), sql.Identifier(role))


def row_security(*, on: bool) -> Iterator[Statement]:
    """Yield the statements that switch row-level security on or off.

    It binds every role that neither owns the tables nor has BYPASSRLS: the one that serves. Foreign keys and the
    triggers of Better Auth's table of users work as the owner.
    """
    for name in tables_of_users():
        table = sql.Identifier(name)
        if not on:
            yield sql.SQL("ALTER TABLE {} DISABLE ROW LEVEL SECURITY").format(table)
            continue
        yield sql.SQL("DROP POLICY IF EXISTS own_rows ON {}").format(table)
        yield sql.SQL(
            "CREATE POLICY own_rows ON {} USING (user_id IN ("
            "current_setting('todo.user_id', true), current_setting('todo.moved_user_id', true)))"
        ).format(table)
        yield sql.SQL("ALTER TABLE {} ENABLE ROW LEVEL SECURITY").format(table)
