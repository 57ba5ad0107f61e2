"""Conversations on the wire, one file an annotation; they bring back evidence and judge nothing."""
