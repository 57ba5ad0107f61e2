"""What changed between two contract versions, and whether it breaks anyone."""
