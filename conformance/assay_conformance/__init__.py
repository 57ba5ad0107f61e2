"""Certifies any implementation of a contract over HTTP and WebSocket."""
