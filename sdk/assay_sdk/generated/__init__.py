"""Code that `assay generate` writes, a package for each contract version. Nothing in those is edited by hand."""
