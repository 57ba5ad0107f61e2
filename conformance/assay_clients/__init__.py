"""Certifies clients: what they do when a server misbehaves in every way that servers do."""
