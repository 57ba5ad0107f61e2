"""The reference server as it is, with a fault, beside itself and beside another seed; and every command of the page about drift."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from assay_codegen import generate_python
from assay_conformance.driver_context import Wire
from assay_conformance.evidence import Journal, Provenance, Request, write_evidence
from assay_conformance.target import Target
from assay_conformance.target_manifest import parse_target
from assay_contracts import load_contract
from assay_contracts.cli import main

from .conftest import Said
from .scripted import SHOP, TOKEN, Shop, record, running, shop_contract
from .serving import Serving, reference_servers

pytestmark = pytest.mark.slow

Drift = Callable[..., Said]
CONTRACT = "reliability@1.0.0"
PAGE = Path(__file__).parents[2] / "docs" / "reference" / "drift.md"
COMMANDS = [line for block in re.findall(r"```sh\n(.*?)```", PAGE.read_text("utf-8"), re.S) for line in block.splitlines() if line]


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """Three reference servers."""
    with reference_servers(tmp_path_factory.mktemp("serving")) as servers:
        yield servers


def look(drift: Drift, serving: Serving, *more: object) -> Said:
    """Compare the first server with its contract."""
    served = serving.first
    return drift(
        "server", served.http, "--contract", CONTRACT, "--target", served.manifest, "--light", "--listen", "1", "--quiet",
        "--format", "json", *more,
    )  # fmt: skip


def compare(drift: Drift, serving: Serving, other: str, *more: object) -> Said:
    """Compare the first server with another."""
    first, second = serving.first, getattr(serving, other)
    return drift(
        "compare", first.http, second.http, "--contract", CONTRACT, "--target-a", first.manifest, "--target-b", second.manifest,
        "--sample", 30, "--quiet", "--format", "json", *more,
    )  # fmt: skip


def test_the_reference_server_keeps_its_contract(drift: Drift, serving: Serving) -> None:
    """Nothing undocumented, nothing contradicting; the first command of the page asks it everything that can be asked quietly."""
    outcome = look(drift, serving)

    assert (outcome.code, outcome.found("undocumented"), outcome.found("contradicting")) == (0, set(), set())
    assert (outcome.json["seen"]["operations"], outcome.json["seen"]["sessions"]) == (3, 1)
    assert outcome.json["seen"]["exchanges"] > 500
    assert serving.first.token not in outcome.out


@pytest.mark.parametrize(("fault", "pointer"), [("schema-drift", "/schemaVersion"), ("corrupt-payload", "/page")])
def test_a_server_that_drifts_is_found(drift: Drift, serving: Serving, fault: str, pointer: str) -> None:
    """A fault that is switched on through the hook shows as one contradicting value."""
    serving.first.hook("PUT", f"faults/{fault}", operation="listFailures")
    try:
        outcome = look(drift, serving)
    finally:
        serving.first.hook("DELETE", "faults")

    assert (outcome.code, outcome.found("contradicting")) == (1, {("value", "listFailures", "200", pointer)})


def test_two_servers_of_the_same_facts_agree(drift: Drift, serving: Serving) -> None:
    """Number by number, item by item."""
    outcome = compare(drift, serving, "second")

    assert (outcome.code, [metric for metric in outcome.json["metrics"] if metric["beyond"]]) == (0, [])
    assert {metric["class"] for metric in outcome.json["metrics"]} >= {"count", "rate", "latency", "time", "text", "status"}
    assert outcome.json["compared"] > 1000


def test_a_server_of_other_facts_differs(drift: Drift, serving: Serving) -> None:
    """Counts, rates, latencies and items, each with its worst difference."""
    outcome = compare(drift, serving, "third")

    beyond = {metric["metric"]: metric for metric in outcome.json["metrics"] if metric["beyond"]}
    assert outcome.code == 1
    assert {"/metrics/starts", "/metrics/conversionRate", "/items/*"} <= set(beyond)
    assert beyond["/metrics/starts"]["class"] == "count"
    assert beyond["/metrics/starts"]["worst"]["absolute"] > 0


def test_a_fault_in_one_of_two_servers_is_found(drift: Drift, serving: Serving) -> None:
    """The same facts, told wrongly by one."""
    serving.second.hook("PUT", "faults/store-busy", operation="getRealtimeSnapshot")
    try:
        outcome = compare(drift, serving, "second")
    finally:
        serving.second.hook("DELETE", "faults")

    beyond = [metric for metric in outcome.json["metrics"] if metric["beyond"]]
    assert (outcome.code, [(metric["operation"], metric["class"]) for metric in beyond]) == (1, [("getRealtimeSnapshot", "status")])
    assert (beyond[0]["worst"]["a"], beyond[0]["worst"]["b"]) == ("200", "503")


@pytest.fixture(scope="module")
def folder(serving: Serving, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A folder with every file that the page speaks of, and the address of a shop."""
    place = tmp_path_factory.mktemp("page")
    for name, server in (("target", serving.first), ("a", serving.first), ("b", serving.second)):
        (place / f"{name}.toml").write_text(server.manifest.read_text())
    (place / "api.yaml").write_text(SHOP.read_text())
    (place / "served.yaml").write_text(SHOP.read_text().replace("/orders:", "/gifts:"))
    (place / "thresholds.toml").write_text(re.findall(r"```toml\n(.*?)```", PAGE.read_text("utf-8"), re.S)[0])
    (place / "certificate").mkdir()
    generate_python(load_contract(CONTRACT)).write(place / "clients")
    with running(Shop()) as address:
        record(place / "traffic.har", address, ["/products?limit=2", "/products?limit=0"], token=TOKEN)
        har = (place / "traffic.har").read_text().replace(address, "https://shop.example")
        (place / "traffic.har").write_text(har)
        import asyncio

        asyncio.run(_record_evidence(place / "certificate" / "evidence.ndjson.gz", address))
        yield place, address


async def _record_evidence(path: Path, address: str) -> None:
    """What `assay certify` would keep of a shop."""
    roles = ("primary", "other", "empty")
    target: Target = parse_target(
        {
            "target": {"name": "shop", "http": address},
            "credentials": dict.fromkeys(roles, TOKEN),
            "tenants": {role: role for role in roles},
        },
        "shop",
    )
    contract, journal = shop_contract(), Journal()
    wire = Wire(target, journal)
    await wire.send("listProducts", Request("GET", "/products"), purpose="a page", expected="accepted")
    await wire.close()
    provenance = Provenance(str(contract.id), contract.digest, "", "", "", target.described(), "", openapi=contract.openapi)
    write_evidence(path, journal.close(provenance))


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_of_the_page_runs(
    serving: Serving, folder: tuple[Path, str], line: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it stands there, but for the addresses; its exit code is 0, or what the comment behind it says."""
    place, shop = folder
    command, _, comment = line.partition("   # exit code ")
    for written, real in (
        ("http://127.0.0.1:8000", serving.first.http),
        ("http://127.0.0.1:9000", serving.second.http),
        ("http://127.0.0.1:7000", shop),
    ):
        command = command.replace(written, real)
    arguments = shlex.split(command)
    assert arguments.pop(0) == "assay"
    monkeypatch.setenv("TOKEN", TOKEN)
    monkeypatch.chdir(place)
    capsys.readouterr()
    with pytest.raises(SystemExit) as exit:
        main(arguments)
    code, (out, err) = int(exit.value.code or 0), capsys.readouterr()

    # Whether what is committed is current has a test of its own.
    expected = code if command.startswith("assay drift generated") and code == 1 else int(comment or 0)
    assert (code, err if code > 1 else "") == (expected, ""), out
    assert TOKEN not in out + err
    assert serving.first.token not in out + err
    if "--format json" in command:
        json.loads(out)
