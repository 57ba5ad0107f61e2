"""The reference implementation: Sanic over Postgres rollups."""
