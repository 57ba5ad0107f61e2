"""Addresses: a contract is named by its version, by a file of any name, or by a URL of this machine."""

from __future__ import annotations

import doctest
import json
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from assay_contracts import ContractError, addresses, load_contract
from assay_contracts.lint import report_files

DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Yard", "version": "1.0.0", "description": "Yards."},
    "paths": {"/yards": {"$ref": "parts/yards.json#/yards"}},
}
YARDS = {"yards": {"get": {"operationId": "listYards", "responses": {"200": {"description": "ok"}}}}}


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder and prints nothing."""

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


def written(folder: Path, name: str) -> Path:
    """A document of that name, and the file it refers to beside it."""
    (folder / "parts").mkdir(exist_ok=True)
    (folder / "parts" / "yards.json").write_text(json.dumps(YARDS))
    path = folder / name
    path.write_text(json.dumps(DOCUMENT))
    return path


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    """The base URL of a server of a folder with a document in it."""
    written(tmp_path, "api.json")
    written(tmp_path, "openapi")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path))) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("name", ["api.json", "api.yaml", "api@2.yml", "yard@next.json", "openapi", "yard@1.0.0.json"])
@pytest.mark.parametrize("folder", ["", "./", "full"])
def test_a_file_of_any_name_is_a_contract(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, folder: str) -> None:
    """In this folder, below it, or named in full."""
    path = written(tmp_path, name)
    monkeypatch.chdir(tmp_path)

    contract = load_contract(str(path) if folder == "full" else folder + name)

    assert [operation.id for operation in contract.operations] == ["listYards"]


@pytest.mark.parametrize("path", ["/api.json", "/openapi", "/openapi?format=json"])
def test_a_url_of_this_machine_is_a_contract(served: str, path: str) -> None:
    """What it refers to is read from the same server."""
    assert [operation.id for operation in load_contract(served + path).operations] == ["listYards"]


def test_a_url_is_linted(served: str) -> None:
    """As a file would be."""
    report = report_files([Path(f"{served}/api.json")])

    assert [finding.rule for finding in report.findings if finding.level == "error"] == []


def test_a_url_without_a_document_names_itself(served: str) -> None:
    """As it was written, with the status."""
    with pytest.raises(ContractError, match=rf"^{served}/none\.json: expected a document, got status 404$"):
        load_contract(f"{served}/none.json")


@pytest.mark.parametrize("host", ["example.com", "10.0.0.1", "127.0.0.1.example.com"])
def test_no_other_machine_is_read(host: str) -> None:
    """A contract never depends on the network."""
    with pytest.raises(ContractError, match=r"expected a URL of this machine.*download the document first"):
        load_contract(f"https://{host}/api.json")


@pytest.mark.parametrize("address", ["yard", "yard@1", "Yard@1.0.0", "yard@latest"])
def test_what_is_neither_says_what_a_version_looks_like(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    """There is no such file either."""
    monkeypatch.chdir(tmp_path)

    with pytest.raises(ContractError, match=r"expected NAME@MAJOR\.MINOR\.PATCH"):
        load_contract(address)


def test_the_doctests_hold() -> None:
    """The examples in the docstrings give what they show."""
    assert doctest.testmod(addresses).failed == 0
