"""The reliability contract: its routes, its store and its sample data."""
