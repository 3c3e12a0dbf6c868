"""Management commands about tokens."""
