"""`python -m assay_contracts` is the `assay` command."""

from assay_contracts.cli import main

main()
