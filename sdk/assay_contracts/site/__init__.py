"""The contracts as a static site: pages that a browser reads without a network."""

from assay_contracts.site.building import Site, build_site
from assay_contracts.site.changes import Comparison, compare_contracts, installed_differ
from assay_contracts.site.rule_pages import RulePages, installed_rule_pages
from assay_contracts.site.writing import refuse_foreign, write_site

__all__ = [
    "Comparison",
    "RulePages",
    "Site",
    "build_site",
    "compare_contracts",
    "installed_differ",
    "installed_rule_pages",
    "refuse_foreign",
    "write_site",
]
