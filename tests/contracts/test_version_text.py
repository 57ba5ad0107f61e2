"""The version of a document is a string, however it is written."""

from __future__ import annotations

from pathlib import Path

import pytest
from assay_compatibility.documents import read_document
from assay_contracts import ContractError, load_contract
from assay_contracts.lint import lint_files
from assay_contracts.parsing import bundle_contract

YAML = "openapi: 3.1.0\ninfo:\n  title: T\n{version}paths: {{}}\n"


def _yaml(folder: Path, version: str) -> Path:
    path = folder / "api.yaml"
    path.write_text(YAML.format(version=version), encoding="utf-8")
    return path


@pytest.mark.parametrize("written", ["1.0", "1.10", "2", "2.50", "1e3", "+1.0"])
def test_a_number_is_the_string_that_is_written(written: str, tmp_path: Path) -> None:
    """Zeros at the end stay, in contracts, bundles and comparisons alike; lint reports it where it is written."""
    path = _yaml(tmp_path, f"  version: {written}\n")

    assert load_contract(path).id.version == written
    assert bundle_contract(path)[0]["info"]["version"] == written
    assert read_document(str(path)).content["info"]["version"] == written
    (finding,) = lint_files([path])
    assert (finding.rule, finding.line, finding.column) == ("document-breaks-the-official-schema", 4, 3)


def test_a_number_in_json_is_the_string_that_is_written(tmp_path: Path) -> None:
    """Wherever its value stands behind the key."""
    path = tmp_path / "api.json"
    path.write_text('{"openapi": "3.1.0", "info": {"title": "\\"version\\": 3",\n"version" :\n 1.10}, "paths": {}}', encoding="utf-8")

    assert load_contract(path).id.version == "1.10"
    assert read_document(str(path)).content["info"]["version"] == "1.10"


@pytest.mark.parametrize("version", ["", "  version:\n", "  version: null\n"])
def test_a_document_without_a_version_is_read(version: str, tmp_path: Path) -> None:
    """Its contract has the version 0.0.0, and lint reports what is missing."""
    path = _yaml(tmp_path, version)

    assert load_contract(path).id.version == "0.0.0"
    assert bundle_contract(path)[0]["info"].get("version") is None
    assert [finding.rule for finding in lint_files([path])] == ["document-breaks-the-official-schema"]


@pytest.mark.parametrize("version", ["true", "[1]", "{a: 1}"])
def test_what_is_no_version_is_rejected(version: str, tmp_path: Path) -> None:
    """A boolean, a list or a mapping stands for no string."""
    with pytest.raises(ContractError, match="info/version: expected a string"):
        load_contract(_yaml(tmp_path, f"  version: {version}\n"))
