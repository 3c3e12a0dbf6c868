"""Django admin, the shell and the support commands."""
