"""Django database backend of development mode: PostgreSQL, started by the first connection."""
