"""Concurrent writers, models of every interleaving, and faults."""
