"""The gate: which version a release requires, and whether it may go out."""
