"""Faults on, faults off, and a production without them."""

from __future__ import annotations

import time
from typing import Any

import jsonschema_rs
import pytest
from assay_contracts import Contract, load_contract

CONTRACT = load_contract("reliability@1.0.0")
assert CONTRACT.taxonomy is not None
ANSWERING = [(name, spec["answers"]) for name, spec in CONTRACT.taxonomy.faults.items() if "answers" in spec]


@pytest.mark.parametrize(("name", "codes"), ANSWERING)
def test_a_fault_answers_with_its_code(serving: Any, name: str, codes: list[str]) -> None:
    """For the one operation alone, with every header of the code; off again, the answer is the one before."""
    before = serving.snapshot()
    serving.fault(name, operation="getRealtimeSnapshot")
    during, beside = serving.snapshot(), serving.failures(pageSize=1)
    serving.clear()

    known = CONTRACT.taxonomy.codes[codes[0]]  # type: ignore[union-attr]
    assert (during.status_code, during.json()["error"]["code"]) == (known.status, codes[0])
    assert all(header in during.headers for header in known.headers)
    assert beside.status_code == 200
    assert serving.snapshot().content == before.content


def test_a_slow_store_gives_a_stale_answer(serving: Any) -> None:
    """Soon, with the numbers known last, another tag, and nothing of it left afterwards."""
    before = serving.funnel()
    serving.fault("store-slow", operation="getFunnelMetrics")
    during, unknown = serving.funnel(), serving.funnel(**{"filter[channel]": "partner", "groupBy": "day"})
    serving.clear()
    after = serving.funnel()

    assert (during.json()["meta"]["stale"], unknown.json()["meta"]["stale"]) == (True, True)
    assert during.json()["metrics"] == before.json()["metrics"]
    assert during.elapsed.total_seconds() < 1
    assert during.headers["etag"] != before.headers["etag"] == after.headers["etag"]


@pytest.mark.parametrize("name", ["corrupt-payload", "schema-drift"])
def test_a_broken_answer_breaks_the_schema(serving: Any, contract: Contract, name: str) -> None:
    """Every operation's body, and only while the fault is on."""
    asks = {"getFunnelMetrics": serving.funnel, "listFailures": serving.failures, "getRealtimeSnapshot": serving.snapshot}
    for id, ask in asks.items():
        schema = dict(contract.operation(id).responses["200"].content["application/json"])
        serving.fault(name, operation=id)
        during = ask()
        serving.clear()
        assert during.status_code == 200
        assert not jsonschema_rs.is_valid(schema, during.json())
        assert jsonschema_rs.is_valid(schema, ask().json())


def test_cursors_expire(serving: Any) -> None:
    """Those that were issued before; a walk that begins afterwards goes on."""
    old = serving.failures(pageSize=1).json()["page"]["cursor"]
    serving.fault("cursors-expire")
    new = serving.failures(pageSize=1).json()["page"]["cursor"]

    assert serving.failures(cursor=old).json()["error"]["code"] == "INVALID_CURSOR"
    assert serving.failures(cursor=new).status_code == 200


def test_a_fault_goes_off_by_itself(serving: Any) -> None:
    """After its seconds, and it concerns its tenant alone."""
    began = time.monotonic()
    serving.fault("store-busy", tenant="tenant-a", seconds=2)
    first, beside = serving.snapshot().status_code, serving.failures(tenant="tenant-b", credential="other").status_code
    while serving.snapshot().status_code == 503 and time.monotonic() < began + 20:
        time.sleep(0.05)
    over = time.monotonic()

    assert (first, beside, serving.snapshot().status_code) == (503, 200, 200)
    assert 2 <= over - began < 20


def test_the_hook_is_for_operators(serving: Any) -> None:
    """No token, a reader's token, an unknown fault, a body that is none."""
    url = serving.target["hook"]["url"]
    put = serving.client.put

    assert serving.client.get(url).status_code == 401
    assert serving.get(url).json()["error"]["code"] == "FORBIDDEN_SCOPE"
    assert put(f"{url}/faults/no-such", json={}, headers=serving.operator).status_code == 404
    assert put(f"{url}/faults/store-busy", content=b"[", headers=serving.operator).status_code == 400
    assert put(f"{url}/faults/store-busy", json={"operation": "nothing"}, headers=serving.operator).status_code == 400
    assert "store-slow" in serving.client.get(url, headers=serving.operator).json()["faults"]


def test_production_has_no_hook(dsn: str, launch: Any) -> None:
    """The path is as unknown as any other, and the manifest has no hook."""
    running = launch("--dsn", dsn, "--env", "prod")
    hook, nothing = (running.client.put(path, json={}) for path in ("/_assay/hook/faults/store-busy", "/nothing-here"))

    assert "hook" not in running.target
    assert (hook.status_code, hook.json()["error"]["message"]) == (nothing.status_code, nothing.json()["error"]["message"])
    assert hook.status_code == 404
