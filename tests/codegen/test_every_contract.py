"""The client of every contract version of this repository runs, and both type checkers accept it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from assay_codegen import generate_python
from assay_contracts import ContractId, list_contracts, load_contract

COMPLETE = """
import importlib, sys
sys.path.insert(0, sys.argv[1])
package = importlib.import_module(sys.argv[2])
models = importlib.import_module(sys.argv[2] + ".models")
classes = [item for item in vars(models).values() if isinstance(item, type) and hasattr(item, "model_rebuild")]
for item in classes:
    item.model_rebuild()
    item.model_json_schema()
print(len(classes), package.__api_version__)
"""


@pytest.mark.parametrize("id", list_contracts(), ids=str)
def test_every_model_of_a_contract_is_complete(id: ContractId, tmp_path: Path) -> None:
    """Its client imports, and no model names a type that is not there."""
    place = generate_python(load_contract(str(id))).write(tmp_path)

    command = [sys.executable, "-c", COMPLETE, str(place.parent), place.name]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)

    assert done.returncode == 0, done.stderr
    count, version = done.stdout.split()
    assert int(count) > 5
    assert version == str(id.version)


@pytest.mark.slow
def test_both_type_checkers_accept_the_client_of_every_contract(tmp_path: Path) -> None:
    """Strictly, and without a comment that silences one."""
    folders = []
    for id in list_contracts():
        folder = tmp_path / str(id).replace("@", "_").replace(".", "_")
        folder.mkdir()
        place = generate_python(load_contract(str(id))).write(folder)
        assert not any("type: ignore" in path.read_text(encoding="utf-8") for path in place.rglob("*.py"))
        folders.append(folder)
    (tmp_path / "pyrightconfig.json").write_text(json.dumps({"typeCheckingMode": "strict"}), encoding="utf-8")
    tools = Path(sys.executable).parent
    environment = {**os.environ, "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"}

    for folder in folders:
        mypy = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache"), "."]
        checked = subprocess.run(mypy, cwd=folder, capture_output=True, text=True, check=False, timeout=600)
        assert checked.returncode == 0, checked.stdout
    pyright = [str(tools / "pyright"), "--pythonpath", sys.executable]
    checked = subprocess.run(pyright, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=600, env=environment)
    assert checked.returncode == 0, checked.stdout
