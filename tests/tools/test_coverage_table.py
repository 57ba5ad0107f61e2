"""The table of what the tests reach."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from coverage_table import Reach, by_package, main

FILES = {
    "sdk/assay_sdk/wire.py": (10, 8),
    "sdk/assay_sdk/feed/stream.py": (10, 10),
    "sdk/assay_sdk/generated/reliability/client.py": (1000, 1000),
    "release/assay_gate/run.py": (4, 1),
    "release/assay_gate/__init__.py": (0, 0),
}
REPORT = {"files": {name: {"summary": {"num_statements": all_, "covered_lines": ran}} for name, (all_, ran) in FILES.items()}}


def test_a_module_counts_for_its_package() -> None:
    """Deeper folders too; generated code does not count."""
    assert by_package(REPORT) == {"assay_gate": Reach(4, 1), "assay_sdk": Reach(20, 18)}


def test_the_last_row_is_the_sum(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of statements, not of percentages."""
    (tmp_path / "coverage.json").write_text(json.dumps(REPORT), encoding="utf-8")

    code = main([str(tmp_path / "coverage.json")])

    assert (code, [line.split() for line in capsys.readouterr().out.splitlines()][1:]) == (
        0,
        [["assay_gate", "4", "1", "25.0"], ["assay_sdk", "20", "18", "90.0"], ["all", "24", "19", "79.2"]],
    )


def test_nothing_is_all_there(capsys: pytest.CaptureFixture[str]) -> None:
    """A package without statements has none that never ran; without a report the usage is printed."""
    assert Reach().percent == 100.0
    assert main([]) == 2
    assert "coverage_table.py COVERAGE.json" in capsys.readouterr().err
