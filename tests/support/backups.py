"""A backup of the tables of tasks that is put back, as a staff user does after an accident."""

from django.db import connection

TABLES = ("task_lists", "tasks", "task_changes", "task_idempotency_keys")  # each after those that it refers to


class Backup:
    """The rows of all tasks, lists and changes as they are now; the latest backup is the one that is kept."""

    def __init__(self) -> None:
        with connection.cursor() as cursor:
            for table in TABLES:
                cursor.execute(f"CREATE TEMP TABLE IF NOT EXISTS backup_of_{table} AS SELECT * FROM {table} LIMIT 0")
                cursor.execute(f"DELETE FROM backup_of_{table}")
                cursor.execute(f"INSERT INTO backup_of_{table} SELECT * FROM {table}")

    def put_back(self) -> None:
        """Make the tables what they were. Ids of tasks created since are given again, as after a real one."""
        with connection.cursor() as cursor:
            # Without triggers and foreign keys, as pg_restore does it.
            cursor.execute("SET LOCAL session_replication_role = replica")
            for table in reversed(TABLES):
                cursor.execute(f"DELETE FROM {table}")
            for table in TABLES:
                cursor.execute(f"INSERT INTO {table} SELECT * FROM backup_of_{table}")
            cursor.execute("SET LOCAL session_replication_role = origin")
            cursor.execute("SELECT setval(pg_get_serial_sequence('tasks', 'id'), max(id)) FROM tasks")
