"""The client people import."""
