"""A registry of certified implementations: entries as data, each of which anybody can judge again."""
