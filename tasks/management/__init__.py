"""The support commands about tasks."""
