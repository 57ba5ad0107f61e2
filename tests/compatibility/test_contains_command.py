"""`assay contains` on schemas that are none."""

from __future__ import annotations

import json
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


@pytest.mark.parametrize(("options", "code"), [([], 1), (["--formats", "annotate"], 0), (["--formats", "assert"], 1)])
def test_formats_are_read_as_chosen(options: list[str], code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a choice an answer that depends on formats is undecided; with one it is decided, in a batch too."""
    files = [tmp_path / "one.json", tmp_path / "two.json"]
    for file, schema in zip(files, ({"const": "soon"}, {"format": "date"}), strict=True):
        file.write_text(json.dumps(schema), encoding="utf-8")
    batch = tmp_path / "pairs.ndjson"
    batch.write_text('{"id": 1, "a": {"const": "soon"}, "b": {"format": "date"}}\n', encoding="utf-8")

    if code:
        with pytest.raises(SystemExit) as exit_:
            run(["contains", *options, *map(str, files)])
        assert exit_.value.code == code
    else:
        assert run(["contains", *options, *map(str, files)]) == code
    alone = capsys.readouterr().out.split(":")[0]
    assert run(["contains", *options, "--batch", str(batch)]) == 0
    assert json.loads(capsys.readouterr().out)["answer"] == alone
