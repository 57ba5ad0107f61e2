"""Where a problem of the gate is written: the line that an annotation points to."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from assay_gate.places import entry_lines

from .conftest import THINGS

Run = Callable[..., int]


def save(path: Path, version: str, *, removed: bool) -> str:
    """Write a version of the document over many lines, with or without its operation."""
    document: dict[str, Any] = json.loads(json.dumps(THINGS))
    document["info"]["version"] = version
    if removed:
        del document["paths"]["/things"]["delete"]
    path.write_text(json.dumps(document, indent=2), encoding="utf-8")
    return str(path)


def test_github_annotations_carry_file_and_line(tmp_path: Path, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """A version stands where the document declares it, a removal where the removed thing was part of, an entry in its file."""
    old, new = save(tmp_path / "old.json", "1.2.3", removed=False), save(tmp_path / "new.json", "1.3.0", removed=True)
    ignores = tmp_path / "ignores.toml"
    ignores.write_text(
        '# why\n\n[[ignore]]\nrule = "a"\npointer = "/b"\nreason = "c"\nowner = "d"\nexpires = 2020-01-01\n', encoding="utf-8"
    )
    lines = Path(new).read_text(encoding="utf-8").splitlines()

    assert run("gate", "--old", old, "--new", new, "--ignores", str(ignores), "--format", "github") == 1

    found = dict(re.findall(r"::error file=[^,]*/([\w.]+,line=\d+)[^:]*title=([\w-]+)::", capsys.readouterr().out))
    declared = next(number for number, line in enumerate(lines, 1) if '"version"' in line)
    path = next(number for number, line in enumerate(lines, 1) if '"/things"' in line)
    assert found == {
        f"new.json,line={declared}": "version-too-small",
        f"new.json,line={path}": "removed-without-deprecation",
        "ignores.toml,line=3": "ignore-expired",
    }


def test_the_entries_of_a_file_have_lines() -> None:
    """A table opens with its heading, however it is spaced; one in a comment is none."""
    assert entry_lines('[[ignore]]\nrule = "a"\n# [[ignore]]\n  [[ ignore ]]\n') == (1, 4)
