"""`assay contains` on schemas that are none."""

from __future__ import annotations

from pathlib import Path

import pytest
from assay_contracts.cli import run


@pytest.mark.parametrize("invalid", [0, 1])
def test_the_invalid_one_of_two_schemas_is_named(invalid: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The error names its file, not the other."""
    files = [tmp_path / "one.json", tmp_path / "two.json"]
    for number, file in enumerate(files):
        file.write_text('{"type": "integr"}' if number == invalid else "true", encoding="utf-8")

    code = run(["contains", *map(str, files)])

    error = capsys.readouterr().err
    assert code == 2
    assert str(files[invalid]) in error
    assert str(files[1 - invalid]) not in error
