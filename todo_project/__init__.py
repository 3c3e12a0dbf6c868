"""Wiring: settings, addresses, errors and the server. It knows no task."""
