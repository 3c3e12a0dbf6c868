"""Creates the tables of schema.sql in the database of DATABASE_URL."""

import os
from pathlib import Path

import psycopg

with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
    connection.execute((Path(__file__).parent / "schema.sql").read_text())
