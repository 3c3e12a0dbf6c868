"""Shared by the tests: users, clients, servers, tokens and faults."""
