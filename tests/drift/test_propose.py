"""`assay drift propose`: what is proposed, what is the server's fault, and what is written."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from assay_conformance.evidence import Evidence, Exchange, FeedSession, Frame, Provenance, Request, Response, Walk, write_evidence
from assay_contracts import load_contract, pointers
from assay_drift.recording import Recording
from assay_drift.repair.proposal import propose

from .conftest import Said
from .scripted import CHAT, SECRET_VALUE, SHOP, shop_contract
from .test_har import entry, write

Drift = Callable[..., Said]
LIBRARY = Path(__file__).with_name("library_3_0.yaml")
MUG = {"sku": "AB-0001", "name": "Mug", "colour": "red", "price": 1.5}
LOAN = {"shelfmark": "AB 12", "title": "Emma", "reader": {"name": "Ada"}, "due": "2024-05-01", "fee": 1.5}


def page(*products: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A page of the shop."""
    return {"products": list(products), "total": len(products), **more}


def loans(*found: dict[str, Any], count: str = "1") -> dict[str, Any]:
    """A recorded answer of the library."""
    answer = entry("https://library.example/loans", list(found))
    answer["response"]["headers"] = [{"name": "X-Count", "value": count}]
    return answer


def shop_exchange(body: Any, id: str = "x1", query: tuple[tuple[str, str], ...] = (), **fields: Any) -> Exchange:
    """A page that the shop sent in a certification."""
    headers = (("content-type", "application/json"), ("etag", '"p1"'), ("cache-control", "private, max-age=1"))
    request, response = Request("GET", "/products", query), Response(200, headers, json.dumps(body))
    return Exchange(id=id, subject="listProducts", purpose="one page", request=request, response=response, **fields)


def evidence_of(*records: Any) -> Evidence:
    """Evidence of the shop, with its documents in it."""
    contract = shop_contract()
    provenance = Provenance(str(contract.id), contract.digest, "", "", "", {"name": "a shop"}, "", openapi=contract.openapi)
    return Evidence(provenance, records)


def test_traffic_that_the_contract_allows_needs_nothing(drift: Drift, tmp_path: Path) -> None:
    """Exit 0, no edit, and the version stays."""
    har = write(tmp_path / "traffic.har", entry("https://shop.example/products", page(MUG)))
    outcome = drift("propose", "--contract", SHOP, "--har", har, "--format", "json")

    assert (outcome.code, outcome.json["allowed"], outcome.json["edits"], outcome.json["version"]) == (0, True, [], "1.2.0")


def test_a_new_property_is_proposed_with_the_version_it_requires(drift: Drift, tmp_path: Path) -> None:
    """As an optional property of the schema that the items have, with the request that shows it and no value."""
    har = write(tmp_path / "traffic.har", entry("https://shop.example/products?offset=0", page({**MUG, "maker": SECRET_VALUE})))
    outcome = drift("propose", "--contract", SHOP, "--har", har)
    read = drift("propose", "--contract", SHOP, "--har", har, "--format", "json").json
    place = "/components/schemas/Product/properties/maker"

    assert (outcome.code, SECRET_VALUE in outcome.out) == (1, False)
    assert "Required version: 1.3.0 (minor change of 1.2.0)" in outcome.out
    assert read["patches"]["openapi"] == [
        {"op": "add", "path": place, "value": {"type": "string"}},
        {"op": "replace", "path": "/info/version", "value": "1.3.0"},
    ]
    assert read["edits"][0]["witness"] == {
        "record": "har0", "request": "GET /products?offset={…}", "response": "200 application/json",
        "place": "/products/*/maker", "seen": "string (email)",
    }  # fmt: skip


def test_the_written_contract_allows_the_traffic_and_keeps_its_comments(drift: Drift, tmp_path: Path) -> None:
    """Only the lines of the edits differ, also in a document of OpenAPI 3.0; it is what the next run is compared with."""
    out, patch = tmp_path / "next.yaml", tmp_path / "next.patch.json"
    found = {**LOAN, "title": None, "renewals": 5, "reader": {"name": "Ada", "vip": True}, "branch": None, "damaged": None, "fee": 0}
    har = write(tmp_path / "traffic.har", loans(found))
    outcome = drift("propose", "--contract", LIBRARY, "--har", har, "--out", out, "--patch", patch, "--format", "json")
    again = drift("propose", "--contract", out, "--har", har, "--format", "json")
    before, after = LIBRARY.read_text().splitlines(), out.read_text().splitlines()

    assert (outcome.code, outcome.json["version"], outcome.json["faults"], again.code) == (1, "0.5.0", [], 0)
    assert [line for line in before if "#" in line and "ref" not in line] == [line for line in after if "#" in line and "ref" not in line]
    assert sum(line not in after for line in before) == 5
    read = yaml.safe_load(out.read_text())
    properties = read["components"]["schemas"]["Loan"]["allOf"][1]["properties"]
    assert properties["damaged"] == {"type": "boolean", "nullable": True}
    assert properties["branch"] == {"nullable": True, "allOf": [{"$ref": "#/components/schemas/Branch"}]}
    assert json.loads(patch.read_text())[-1] == {"op": "replace", "path": "/info/version", "value": "0.5.0"}


def test_a_contract_is_written_as_json_where_the_file_says_so(drift: Drift, tmp_path: Path) -> None:
    """With the order of its properties."""
    out = tmp_path / "next.json"
    har = write(tmp_path / "traffic.har", entry("https://shop.example/products", page({**MUG, "weight": 3})))
    drift("propose", "--contract", SHOP, "--har", har, "--out", out)
    read = json.loads(out.read_text())

    assert read["components"]["schemas"]["Product"]["properties"]["weight"] == {"type": "integer"}
    assert list(read) == list(yaml.safe_load(SHOP.read_text()))


def test_a_weaker_promise_is_changed_only_where_somebody_accepts_it(drift: Drift, tmp_path: Path) -> None:
    """Listed with the clause, the request and the response; a pointer that is not listed is refused with those that are."""
    bare = {name: value for name, value in MUG.items() if name != "name"}
    har = write(tmp_path / "traffic.har", entry("https://shop.example/products", page(bare)))
    base = ("propose", "--contract", SHOP, "--har", har)
    listed = drift(*base, "--format", "json")
    fault = listed.json["faults"][0]
    accepted = drift(*base, "--accept", fault["accept"], "--format", "json")
    unknown = drift(*base, "--accept", "/components/schemas/Product/required/0")

    assert (listed.code, listed.json["edits"], fault["clause"]["id"], fault["witness"]["place"]) == (1, [], "OP-001", "/products/*/name")
    assert pointers.follow(shop_contract().openapi, fault["accept"]) == "name"
    assert (accepted.json["faults"], accepted.json["version"], accepted.json["edits"][0]["accepted"]) == ([], "2.0.0", True)
    assert (unknown.code, fault["accept"] in unknown.err) == (2, True)


@pytest.mark.parametrize(
    ("product", "reason"),
    [
        ({**MUG, "price": "cheap"}, "x-order of listProducts speaks of /products/*/price"),
        ({**MUG, "colour": "purple"}, "x-filter of listProducts speaks of /products/*/colour"),
        ({**MUG, "sku": None}, "x-pagination of listProducts speaks of /products/*/sku"),
    ],
)
def test_what_an_annotation_speaks_of_is_not_widened(product: dict[str, Any], reason: str) -> None:
    """An order of prices means nothing for words, and a filter lists the colours that there are."""
    proposal = propose(shop_contract(), Recording((shop_exchange(page(product)),)))

    assert (proposal.edits, [fault.reason for fault in proposal.faults]) == ((), [reason])


def test_an_error_code_is_one_of_the_operation_only_when_it_is_accepted() -> None:
    """It is of the taxonomy, but the operation does not declare it; one of no taxonomy no edit expresses."""

    def refused(code: str) -> Exchange:
        body = json.dumps({"code": code, "detail": "No.", "retryable": False, "status": 400})
        answer = Response(400, (("content-type", "application/problem+json"),), body)
        return Exchange(id="x1", subject="", purpose="", request=Request("GET", "/products"), response=answer)

    known, foreign = (propose(shop_contract(), Recording((refused(code),))) for code in ("BAD_ORDER", "TOO_COLD"))

    assert ("/paths/~1products/get/x-error-codes", "COD-002") in [
        (fault.pointer, fault.clause and fault.clause.id) for fault in known.faults
    ]
    assert "the error code TOO_COLD is in no taxonomy" in [item.reason for item in foreign.unexpressed]


def test_clauses_of_a_certification_are_judged(drift: Drift, tmp_path: Path) -> None:
    """A list that is out of order is a fault of the server; accepting its pointer takes the annotation out of the contract."""
    goods = [{**MUG, "sku": f"AB-000{number}", "name": name} for number, name in enumerate("dcba")]
    pages = tuple(
        shop_exchange({"products": goods[start : start + 2], "total": 4}, f"x{start}", (("offset", str(start)), ("limit", "2")))
        for start in (0, 2)
    )
    walk = Walk(id="walk-1", subject="listProducts", purpose="read all", pages=pages)
    path = tmp_path / "evidence.ndjson.gz"
    write_evidence(path, evidence_of(*pages, walk))
    outcome = drift("propose", "--evidence", path, "--format", "json")
    faults = {fault["clause"]["id"]: fault for fault in outcome.json["faults"]}
    order = "/paths/~1products/get/x-order"
    accepted = drift("propose", "--evidence", path, "--accept", order, "--format", "json")

    assert (outcome.code, outcome.json["edits"], faults["ORD-001"]["accept"]) == (1, [], order)
    assert faults["ORD-001"]["witness"]["request"] == "GET /products?offset={…}&limit={…}"
    assert "ORD-001" not in {fault["clause"]["id"] for fault in accepted.json["faults"]}
    assert {"op": "remove", "path": order} in accepted.json["patches"]["openapi"]


def test_what_no_edit_expresses_is_said(drift: Drift, tmp_path: Path) -> None:
    """An operation that the contract does not have, and a body that is no JSON."""
    har = write(
        tmp_path / "traffic.har",
        entry("https://shop.example/products", "<p>"),
        entry("https://shop.example/stock", "{}"),
    )
    outcome = drift("propose", "--contract", SHOP, "--har", har)

    assert (outcome.code, "the body of 200 is no JSON" in outcome.out) == (1, True)
    assert "the contract has no operation GET /stock" in outcome.out


def test_a_message_of_a_feed_is_repaired_in_the_asyncapi_document() -> None:
    """A property that the message does not have, in a session that the server sent."""
    contract = load_contract(CHAT)
    channel = contract.channels[0]
    name = next(name for name in channel.sent if channel.messages[name].examples)
    sent = {**channel.messages[name].examples[0], "mood": "calm"}
    request = Request("GET", channel.address)
    session = FeedSession(
        id="s1", subject=channel.id, purpose="", request=request, handshake=101, frames=(Frame(0.0, json.dumps(sent)),)
    )  # fmt: skip
    proposal = propose(contract, Recording((), (session,)))

    assert [(edit.need.document, edit.pointer.rpartition("/")[2], edit.level.value) for edit in proposal.edits] == [
        ("asyncapi", "mood", "minor")
    ]


def test_bodies_of_a_status_that_is_not_declared_become_its_schema() -> None:
    """Of several, what they have in common; where other operations share a response that fits, that one."""
    missing = Response(404, (("content-type", "application/json"),), json.dumps({"code": "NO_TOKEN", "detail": ""}))
    proposal = propose(
        load_contract(LIBRARY),
        Recording(
            tuple(
                Exchange(id="x1", subject="", purpose="", request=Request("GET", "/loans"), response=Response(207, missing.headers, body))
                for body in ('{"a": 1}', '{"a": 2.5, "b": [null]}')
            )
        ),
    )

    assert proposal.edits[0].patch[0].value == {
        "description": "Multi-Status.",
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "properties": {"a": {"type": "number"}, "b": {"type": "array", "items": {"type": "null"}}},
                }
            }
        },
    }


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ((), "a URL, --evidence FILE or --har FILE"),
        (("--contract", SHOP, "--har", "missing.har"), "missing.har"),
        (("--har", "traffic.har"), "--contract"),
    ],
)
def test_a_wrong_call_is_refused(drift: Drift, options: tuple[str, ...], message: str) -> None:
    """With what was expected, and exit 2."""
    outcome = drift("propose", *options)

    assert (outcome.code, message in outcome.err) == (2, True)
