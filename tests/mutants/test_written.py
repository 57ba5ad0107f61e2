"""A mutant that is not registered would silently break nothing, so every module of mutants must be."""

from __future__ import annotations

import importlib
import pkgutil

import assay_mutants
from assay_mutants.model import WRITTEN
from assay_mutants.written import written_mutants


def test_every_mutant_of_the_kit_is_registered() -> None:
    """Importing every module of the package defines no mutant beyond the registered ones."""
    for module in pkgutil.iter_modules(assay_mutants.__path__):
        importlib.import_module(f"{assay_mutants.__name__}.{module.name}")

    defined = {item.id for item in WRITTEN if item.change.__module__.startswith("assay_mutants")}

    assert defined == {item.id for item in written_mutants()}
