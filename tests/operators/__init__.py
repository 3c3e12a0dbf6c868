"""What operators and support do without HTTP: in a shell, and with commands."""
