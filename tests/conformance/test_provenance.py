"""The kit's digest covers what decides a verdict, and nothing else."""

from __future__ import annotations

import shutil
from pathlib import Path

import assay_conformance
import assay_contracts
import pytest
from assay_conformance.import_graph import reachable
from assay_conformance.provenance import PACKAGES, ROOTS, digest_of, kit_digest
from assay_contracts import shipped_documents

CONFORMANCE = Path(assay_conformance.__file__).parent
CONTRACTS = Path(assay_contracts.__file__).parent


class Kit:
    """A copy of the kit whose files can be changed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for package in (CONFORMANCE, CONTRACTS):
            shutil.copytree(package, folder / package.name, ignore=shutil.ignore_patterns("__pycache__", "frozen", "documents"))
        for path in _vocabulary():
            copied = folder / path.parent.parent.name / "vocabulary" / path.name
            copied.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copied)

    def digest(self) -> str:
        """The digest of the copy."""
        packages = {package.name: self.folder / package.name for package in (CONFORMANCE, CONTRACTS)}
        return digest_of(packages, (path for path in self.folder.glob("*/vocabulary/*")))


def _vocabulary() -> list[Path]:
    documents = shipped_documents()
    return [path for path in (documents.vocabulary_version(), *documents.vocabulary_files()) if path is not None]


@pytest.fixture
def kit(tmp_path: Path) -> Kit:
    """An unchanged copy of the kit."""
    return Kit(tmp_path)


def _files(package: Path, *patterns: str) -> list[str]:
    found = (path for pattern in patterns for path in sorted(package.glob(pattern)))
    return [f"{package.name}/{path.relative_to(package).as_posix()}" for path in found if path.name != "__init__.py"]


def test_a_copy_has_the_digest_of_the_kit(kit: Kit) -> None:
    """Where the kit lies does not count."""
    assert kit.digest() == kit_digest()


@pytest.fixture(scope="module")
def covered() -> frozenset[Path]:
    """The modules that the digest covers."""
    return frozenset(reachable({package.name: package for package in (CONFORMANCE, CONTRACTS)}, ROOTS).modules.values())


@pytest.mark.parametrize(
    "module",
    [
        *_files(CONFORMANCE, "checks/*.py", "evidence/*.py"),
        *(f"assay_conformance/{name}.py" for name in ("judging", "verdicts", "validation", "check", "body_values", "stream_terms")),
        *(f"assay_contracts/{name}.py" for name in ("parsing", "model", "openapi", "asyncapi", "taxonomy", "vocabulary", "pointers")),
    ],
)
def test_what_decides_a_verdict_is_covered(covered: frozenset[Path], module: str) -> None:
    """A check, a record of evidence, the validation and the reading of a contract all count."""
    package, _, rest = module.partition("/")
    assert {CONFORMANCE.name: CONFORMANCE, CONTRACTS.name: CONTRACTS}[package] / rest in covered


@pytest.mark.parametrize(
    "changed",
    [
        "assay_conformance/checks/cache.py",
        "assay_contracts/parsing.py",
        "openapi/vocabulary/x-pagination.yaml",
        "openapi/vocabulary/version",
        "asyncapi/vocabulary/x-stream.yaml",
    ],
)
def test_a_change_of_what_is_covered_changes_the_digest(kit: Kit, changed: str) -> None:
    """One line more in a module, or in a file of the vocabulary, is another kit."""
    before = kit.digest()

    with (kit.folder / changed).open("a") as file:
        file.write("\n# changed\n")

    assert kit.digest() != before


def test_a_change_of_what_only_drives_or_reports_leaves_the_digest(kit: Kit) -> None:
    """Drivers, plans, corpus growth, reports, commands, lint, the site and output formats decide no verdict."""
    unread = [
        *_files(CONFORMANCE, "drivers/*.py", "corpus/*.py", "report/*.py"),
        *(f"assay_conformance/{name}.py" for name in ("certifying", "commands", "run_plan", "target", "certificate", "provenance")),
        *_files(CONTRACTS, "lint/*.py", "site/*.py", "formats/*.py"),
        *(f"assay_contracts/{name}.py" for name in ("cli", "commands", "locking", "releasing")),
    ]
    before = kit.digest()

    for name in unread:
        with (kit.folder / name).open("a") as file:
            file.write("\n# changed\n")

    assert kit.digest() == before


def test_a_new_module_that_a_check_imports_counts(kit: Kit) -> None:
    """What a check moves into a module of its own stays covered."""
    module = kit.folder / "assay_conformance" / "bounds.py"
    module.write_text("LIMIT = 1\n")
    with (kit.folder / "assay_conformance" / "checks" / "cache.py").open("a") as file:
        file.write("\nfrom assay_conformance import bounds\n")
    before = kit.digest()

    module.write_text("LIMIT = 2\n")

    assert kit.digest() != before


def test_no_comparison_or_gate_is_part_of_the_kit() -> None:
    """A changed diff rule leaves certificates valid: release packages, mutants and drift are in no digest."""
    assert PACKAGES == ("assay_conformance", "assay_contracts")
