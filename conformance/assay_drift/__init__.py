"""Drift: a server against its contract, generated files against their contract, two servers against each other."""
