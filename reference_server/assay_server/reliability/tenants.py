"""The tenants of the sample data."""

PRIMARY = "tenant-a"
OTHER = "tenant-b"
EMPTY = "tenant-empty"
FURTHER = tuple(f"lender-{number:02d}" for number in range(1, 61))
