"""Every contract in one process, on one database."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import httpx
import jsonschema_rs
import pytest
from assay_contracts import load_contract
from assay_server.rooms import every_contract

CONTRACTS = every_contract()


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A server without options."""
    process = subprocess.Popen([sys.executable, "-m", "assay_server"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert process.stdout is not None
    line = process.stdout.readline().decode()
    assert line.startswith("ready "), line
    yield line.removeprefix("ready ").strip()
    process.terminate()
    assert process.wait(90) == 0
    process.stdout.close()


def test_the_catalog_lists_what_is_served_and_links_to_it(address: str) -> None:
    """Each document can be read without a credential."""
    catalog = httpx.get(f"{address}/.well-known/api-catalog").json()
    [context] = catalog["linkset"]
    listed = {f"{link['contract'][0]}@{link['version'][0]}" for link in context["service-desc"]}

    assert listed == set(CONTRACTS)
    for link in context["service-desc"]:
        document = httpx.get(f"{address}{link['href']}").json()
        assert document["info"]["version"] == link["version"][0]
    assert httpx.get(f"{address}{context['status'][0]['href']}").json() == {"status": "ok"}


@pytest.mark.parametrize("name", CONTRACTS)
def test_each_contract_refuses_in_its_own_words(address: str, name: str) -> None:
    """Its operations ask for a credential, and what is not there is told in the shape of its errors."""
    contract = load_contract(name)
    secured = next(operation for operation in contract.operations if operation.security and operation.method == "GET")
    path = secured.path.replace("{", "").replace("}", "")
    for status, response in ((401, httpx.get(address + path)), (404, httpx.get(f"{address}{path}/nothing/here"))):
        media_type, schema = next(iter(secured.responses[str(status)].content.items()))
        assert (response.status_code, response.headers["content-type"]) == (status, media_type)
        assert jsonschema_rs.is_valid(dict(schema), response.json())
