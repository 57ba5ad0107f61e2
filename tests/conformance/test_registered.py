"""A driver or a check that is not registered would silently do nothing, so every module must be."""

from __future__ import annotations

import importlib
import pkgutil

from assay_conformance import checks, drivers
from assay_conformance.check import CHECKS
from assay_conformance.checks.registered import MODULES
from assay_conformance.judging import all_checks
from assay_conformance.run_plan import FULL_PLAN


def test_every_module_of_checks_is_registered() -> None:
    """The folder holds the registered modules and the list of them, nothing else."""
    in_folder = {f"{checks.__name__}.{module.name}" for module in pkgutil.iter_modules(checks.__path__)}

    assert in_folder - {f"{checks.__name__}.registered"} == {module.__name__ for module in MODULES}


def test_every_check_of_the_kit_judges() -> None:
    """No check is defined outside a registered module."""
    defined = {item for item in CHECKS if item.function.__module__.startswith("assay_conformance")}

    assert defined == set(all_checks())


def test_every_driver_is_a_step_of_the_plan() -> None:
    """Each `drive` and each `drive_changing` of a driver module is planned exactly once."""
    modules = [importlib.import_module(f"{drivers.__name__}.{module.name}") for module in pkgutil.iter_modules(drivers.__path__)]
    defined = [vars(module)[name] for module in modules for name in ("drive", "drive_changing") if name in vars(module)]

    assert sorted(map(id, defined)) == sorted(id(step.drive) for step in FULL_PLAN.steps)


def test_a_plan_of_chosen_names_keeps_the_order() -> None:
    """A name stands for its quiet and its changing step."""
    chosen = FULL_PLAN.only(("faults", "pagination"))

    assert [step.title for step in chosen.steps] == ["pagination", "pagination, changing", "faults, changing"]
