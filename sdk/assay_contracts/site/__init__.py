"""The contracts as a static site: pages that a browser reads without a network."""

from assay_contracts.site.building import Site, build_site
from assay_contracts.site.changes import Comparison, compare_contracts, installed_differ
from assay_contracts.site.writing import refuse_foreign, write_site

__all__ = ["Comparison", "Site", "build_site", "compare_contracts", "installed_differ", "refuse_foreign", "write_site"]
