"""Every row of every table of the database, for tests of what is left."""

from django.db import connection

TABLES = """
SELECT quote_ident(table_schema) || '.' || quote_ident(table_name), table_name FROM information_schema.tables
WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1
"""


def rows_by_table() -> dict[str, list[str]]:
    """Each table's rows as JSON texts, in the order of their text."""
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        tables = cursor.fetchall()
        rows = {}
        for address, name in tables:
            cursor.execute(f"SELECT row_to_json(one)::text FROM {address} one")
            rows[name] = sorted(text for (text,) in cursor.fetchall())
    return rows


def tables_that_say(*words: str) -> set[str]:
    """The tables in which one of the words stands, whatever its case."""
    return {
        table
        for table, rows in rows_by_table().items()
        if any(word.lower() in row.lower() for word in words for row in rows)
    }
