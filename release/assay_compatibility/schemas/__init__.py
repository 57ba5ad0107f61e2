"""Schemas of any dialect in one normal form, and what one can tell of them."""
