"""Who is calling: everything about Better Auth (its tokens, keys and tables), nothing about tasks."""
