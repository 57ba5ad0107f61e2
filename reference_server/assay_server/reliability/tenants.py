"""The tenants of the sample data."""

PRIMARY = "tenant-a"
OTHER = "tenant-b"
EMPTY = "tenant-empty"
