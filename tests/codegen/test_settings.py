"""Generated code depends on the contract alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from assay_codegen import generate_python

from tests.codegen.conftest import Document, Load


def test_the_settings_of_the_current_folder_change_nothing(
    document: Document, load: Load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A formatter's line length in the caller's pyproject is the caller's."""
    contract = load(document)
    before = generate_python(contract).files
    (tmp_path / "pyproject.toml").write_text("[tool.ruff]\nline-length = 40\n[tool.black]\nline-length = 40\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    assert generate_python(contract).files == before
