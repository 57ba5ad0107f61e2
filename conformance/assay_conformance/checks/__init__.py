"""Pure functions from evidence to verdicts, one file an annotation; file names as in `drivers` and `mutants`."""
