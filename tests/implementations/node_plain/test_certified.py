"""A server of another language and without a framework is certified against a draft, and says so."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

HERE = Path(__file__).parent
NODE = shutil.which("node")
MANIFEST = '[target]\nname = "shelf"\n[credentials]\nprimary = "a-card-for-tests"\n'


@contextmanager
def serving() -> Iterator[str]:
    """Run the server while the block runs; gives its address."""
    process = subprocess.Popen([str(NODE), str(HERE / "server.mjs")], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        process.stdout.close()
    finally:
        process.terminate()
        process.wait(90)


@pytest.mark.slow
@pytest.mark.skipif(NODE is None, reason="Node is not on this machine")
def test_a_plain_node_server_is_certified_for_a_draft(tmp_path: Path) -> None:
    """Pages, cursors, items added by the contract's own operation, codes; the certificate and the report say that it is a draft."""
    contract = tmp_path / "api.yaml"
    contract.write_text((HERE / "api.yaml").read_text("utf-8"), "utf-8")
    (tmp_path / "target.toml").write_text(MANIFEST, "utf-8")
    with serving() as address:
        command = [sys.executable, "-m", "assay_contracts", "certify", address, "--contract", "api.yaml", "--target", "target.toml"]
        done = subprocess.run([*command, "--format", "json"], cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False)

    assert done.stdout, done.stderr
    predicate = json.loads(done.stdout)["certificate"]["predicate"]
    report = (tmp_path / "certificate" / "report.html").read_text("utf-8")
    assert (predicate.get("blocking", []), done.returncode) == ([], 0)
    assert (predicate["draft"], "CERTIFIED (draft)" in report) == (True, True)
