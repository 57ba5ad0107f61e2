"""`python -m assay_command` is the `assay` command."""

from assay_command import main

main()
