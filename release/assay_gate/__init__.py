"""The gate: which version a release owes, and whether it may go out."""
