"""`assay generate`: what it writes, what it checks, what it answers to bad usage."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from assay_codegen import drift
from assay_codegen.drift import Committed, find_drift, read_committed
from assay_contracts.cli import run


@pytest.fixture
def copies(tmp_path: Path) -> tuple[Committed, ...]:
    """A copy of every committed folder, for a test to spoil."""
    found: list[Committed] = []
    for number, package in enumerate(read_committed()):
        folder = tmp_path / str(number)
        shutil.copytree(package.folder, folder, ignore=shutil.ignore_patterns("__pycache__"))
        found.append(Committed(package.contract, folder, package.name))
    return tuple(found)


def test_what_is_committed_is_what_generation_gives() -> None:
    """Byte by byte."""
    assert find_drift(read_committed()) == ()


@pytest.mark.parametrize("name", ["models.py", "record.json"])
def test_a_file_that_was_edited_by_hand_is_found(
    copies: tuple[Committed, ...], name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The answer is no, with the file and the command that puts it right."""
    place = copies[0].folder / "reliability_1_0_0"
    (place / name).write_text((place / name).read_text() + "\n")
    monkeypatch.setattr(drift, "read_committed", lambda: copies)

    assert run(["generate", "--check"]) == 1

    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"{place / name}: is not what reliability@1.0.0 gives"
    assert lines[1] == f"regenerate: assay generate python --contract reliability@1.0.0 --out {place.parent} --name reliability_1_0_0"


def test_a_file_too_many_and_one_too_few_are_found(copies: tuple[Committed, ...]) -> None:
    """Both are named."""
    place = copies[0].folder / "reliability_1_0_0"
    (place / "extra.py").write_text("extra = 1\n")
    (place / "errors.py").unlink()

    (found,) = find_drift(copies)
    assert found.files == ("errors.py", "extra.py")


def test_a_folder_that_is_not_there_drifts_in_every_file(tmp_path: Path) -> None:
    """Nothing is as good as nothing."""
    (found,) = find_drift((Committed("reliability@1.0.0", tmp_path / "nowhere", "reliability"),))

    assert "models.py" in found.files


def test_the_command_writes_the_package(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Into a folder named for the contract."""
    assert run(["generate", "python", "--contract", "reliability@1.0.0", "--out", str(tmp_path)]) == 0

    assert (tmp_path / "reliability" / "client.py").exists()
    assert capsys.readouterr().out == f"wrote 8 files to {tmp_path / 'reliability'}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["python"],
        ["python", "--contract", "reliability@1.0.0"],
        ["cobol", "--contract", "reliability@1.0.0", "--out", "x"],
        ["python", "--contract", "reliability@9.9.9", "--out", "x"],
        ["python", "--contract", "nonsense", "--out", "x"],
        ["python", "--contract", "missing.yaml", "--out", "x"],
        ["python", "--check"],
        ["--nonsense"],
    ],
)
def test_bad_usage_is_one_line_and_code_2(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is written."""
    monkeypatch.chdir(tmp_path)

    assert run(["generate", *arguments]) == 2

    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("assay: error: ")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_to_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file stands where the folder should."""
    (tmp_path / "taken").write_text("a file")

    assert run(["generate", "python", "--contract", "reliability@1.0.0", "--out", str(tmp_path / "taken" / "sub")]) == 2

    assert "expected a folder that can be written to" in capsys.readouterr().err


def test_without_its_extra_the_command_says_how_to_install_it(tmp_path: Path) -> None:
    """The contract is found, the generator is not."""
    program = (
        "import sys; sys.modules['datamodel_code_generator'] = None\n"
        "from assay_contracts.cli import run\n"
        f"sys.exit(run(['generate', 'python', '--contract', 'reliability@1.0.0', '--out', {str(tmp_path)!r}]))"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert found.returncode == 3
    assert "pip install 'assay[codegen]'" in found.stderr
    assert "Traceback" not in found.stderr
