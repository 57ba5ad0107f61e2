"""The contracts as data: find, resolve, bundle, lock and lint them."""
