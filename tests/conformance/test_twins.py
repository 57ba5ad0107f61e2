"""Every module of checks, drivers, evidence and report has a test: one of its own name, or one that it shares with its neighbours."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
KIT = ROOT / "conformance" / "assay_conformance"
TESTS = Path(__file__).parent
FOLDERS = ("checks", "drivers", "evidence", "report")
SHARED = {
    "test_registered.py": ("checks/registered",),
    # A feed is opened, stalled and refused in one run.
    "test_stream.py": ("drivers/stream", "drivers/heartbeat", "drivers/sessions", "drivers/slow_consumer", "drivers/feed_refusals"),
    "test_evidence.py": ("evidence/journal",),
    "test_evidence_records.py": ("evidence/exchanges", "evidence/records", "evidence/sessions", "evidence/stream"),
    "test_report_forms.py": ("report/ctrf", "report/forms", "report/summary", "report/web_fuzzing"),
    "test_report.py": ("report/causes", "report/junit", "report/page", "report/terminal", "report/writing"),
    # A record is what its driver writes.
    **{
        f"drivers/test_{name}.py": (f"evidence/{name}",)
        for name in (
            *(
                "cache",
                "deletion",
                "derived",
                "error_codes",
                "error_taxonomy",
                "faults",
                "filter",
                "freshness",
                "idempotency",
                "job",
                "own_clauses",
            ),
            *("pagination", "percentile", "persistence", "progress", "rate_limit", "snapshot", "tenancy", "window"),
        )
    },
}
"""Tests of several modules, or of one under another name."""
# What these do is seen only in a whole conversation, so their test uses the module that calls them.
INWARD = {"drivers/sessions", "drivers/slow_consumer"}
MODULES = sorted(f"{folder}/{path.stem}" for folder in FOLDERS for path in (KIT / folder).glob("*.py") if path.stem != "__init__")


def twin(module: str) -> Path | None:
    """The test of a module; None where it has none."""
    folder, name = module.split("/")
    own = TESTS / folder / f"test_{name}.py"
    shared = [TESTS / test for test, modules in SHARED.items() if module in modules]
    return next((path for path in (own, *shared) if path.is_file()), None)


def public_names(module: str) -> set[str]:
    """The classes and functions that a module defines for others."""
    tree = ast.parse((KIT / f"{module}.py").read_text("utf-8"))
    defined = (node.name for node in tree.body if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef))
    return {name for name in defined if not name.startswith("_")}


@pytest.mark.parametrize("module", MODULES)
def test_a_module_has_a_test(module: str) -> None:
    """A new module needs one: `tests/conformance/<folder>/test_<module>.py`."""
    assert twin(module) is not None, f"write tests/conformance/{module.replace('/', '/test_')}.py"


@pytest.mark.parametrize("module", sorted(module for modules in SHARED.values() for module in modules if module not in INWARD))
def test_a_shared_test_uses_what_the_module_defines(module: str) -> None:
    """Otherwise the row of the table names a test of something else."""
    path = twin(module)
    assert path is not None
    words = set(re.findall(r"\w+", path.read_text("utf-8")))

    assert words & public_names(module) or module.split("/")[1] in words


def test_the_table_names_modules_and_tests_that_exist() -> None:
    """A row of a module that was removed or has a test of its own now is removed too."""
    listed = [module for modules in SHARED.values() for module in modules]

    assert set(listed) <= set(MODULES)
    assert [test for test in SHARED if not (TESTS / test).is_file()] == []
