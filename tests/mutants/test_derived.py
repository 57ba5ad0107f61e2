"""What a contract alone says about wrong implementations of it."""

import copy
import re
from pathlib import Path
from typing import Any

import orjson
import pytest
from assay_conformance.evidence import Exchange, Request, Response
from assay_conformance.validation import accepts
from assay_contracts import Contract, Operation, load_contract, parse_bundle, pointers
from assay_mutants.derived import derive_http
from assay_mutants.edits import edited, with_header
from assay_mutants.model import HttpMutant

CONTRACT = load_contract("reliability@1.0.0")
MUTANTS = derive_http(CONTRACT)


def exchange_with(operation: Operation, body: object, query: tuple[tuple[str, str], ...] = ()) -> Exchange:
    """One exchange that went well."""
    answer = Response(200, (("content-type", "application/json"), ("x-correlation-id", "req-00000001")), orjson.dumps(body).decode())
    return Exchange(id="x1", subject=operation.id, purpose="a test", request=Request("GET", operation.path, query), response=answer)


def success_schema(operation: Operation) -> dict[str, object]:
    """The schema of the answer with 200."""
    return dict(operation.responses["200"].content["application/json"])


def example(contract: Contract, operation: Operation) -> object:
    """A whole answer: every optional member that an example somewhere shows is in it."""
    schema = success_schema(operation)
    known: Any = pointers.follow(schema, str(schema["$ref"])) if "$ref" in schema else schema
    body = dict(known["examples"][0])
    for name, member in known["properties"].items():
        inner = pointers.follow(schema, member.get("items", {}).get("$ref", "#/-"))
        if inner is not pointers.MISSING:
            body[name] = list(inner["examples"])
    return body


def test_a_contract_gives_many_mutants() -> None:
    """The first contract alone gives well over a hundred and fifty wrong HTTP implementations."""

    assert len(MUTANTS) >= 150


def test_ids_are_kebab_sentences_and_unique() -> None:
    """An id is for ever, so it reads as words and stands for one mutant."""
    ids = [mutant.id for mutant in MUTANTS]

    assert len(ids) == len(set(ids))
    assert [id for id in ids if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", id)] == []


def test_every_mutant_breaks_a_clause_that_exists() -> None:
    """What a mutant claims to break is promised by the contract."""
    promised = {clause.id for clause in CONTRACT.clauses()}

    assert {mutant.id for mutant in MUTANTS if not mutant.breaks & promised} == set()


def test_deriving_twice_gives_the_same() -> None:
    """The mutants follow from the contract and from nothing else."""
    assert [mutant.id for mutant in derive_http(CONTRACT)] == [mutant.id for mutant in MUTANTS]


@pytest.mark.parametrize("operation", CONTRACT.operations, ids=lambda operation: operation.id)
def test_a_mutant_of_the_shape_breaks_the_schema(operation: Operation) -> None:
    """Each mutant that claims to break nothing but the schema gives a body that the schema refuses, whenever it fires."""
    exchange = exchange_with(operation, example(CONTRACT, operation))
    schema = success_schema(operation)
    fired: list[HttpMutant] = []
    for mutant in MUTANTS:
        if mutant.subject == operation.id and mutant.breaks == {"OP-001"}:
            answer = mutant.change(exchange, CONTRACT, {})
            if answer is not exchange.response:
                fired.append(mutant)
                assert not accepts(schema, answer.json), mutant.id

    assert accepts(schema, exchange.answer.json)
    assert len(fired) > 20


def test_a_mutant_that_does_not_fire_gives_the_very_same_answer() -> None:
    """An answer that a mutant has nothing to do with passes untouched."""
    operation = CONTRACT.operation("listFailures")
    exchange = exchange_with(operation, {"schemaVersion": "1.0.0", "items": [], "page": {"cursor": None, "hasMore": False, "pageSize": 50}})
    turned = next(mutant for mutant in MUTANTS if mutant.id == "list-failures-turns-the-order-event-time-asc")

    assert turned.change(exchange, CONTRACT, {}) is exchange.response


def test_the_recorded_answer_is_never_changed() -> None:
    """Mutants are tried one after the other on the same records."""
    operation = CONTRACT.operation("getFunnelMetrics")
    exchange = exchange_with(operation, example(CONTRACT, operation), (("groupBy", "day"),))
    before = exchange.answer.body, repr(exchange.answer.json), exchange.answer.headers
    for mutant in MUTANTS:
        mutant.change(exchange, CONTRACT, {})

    assert (exchange.answer.body, repr(exchange.answer.json), exchange.answer.headers) == before


def test_an_edit_keeps_the_length_of_the_body_true() -> None:
    """A changed body has a changed length, or the wire would break instead of the promise."""
    answer = Response(200, (("content-length", "7"),), '{"a":1}')

    assert edited(answer, "/a", lambda _: 1000).header("content-length") == "10"


def test_a_header_that_is_as_it_should_be_is_no_change() -> None:
    """Setting a header to what it is gives the very same answer."""
    answer = Response(200, (("etag", '"a"'),), "")

    assert with_header(answer, "ETag", '"a"') is answer


def test_any_contract_gives_mutants(tmp_path: Path) -> None:
    """A contract with one plain operation and no annotations still has a shape, statuses and headers to be wrong in."""
    path = tmp_path / "1.0.0.yaml"
    path.write_text(
        """
openapi: 3.1.0
info: {title: Clock, version: 1.0.0}
paths:
  /time:
    get:
      operationId: readTime
      responses:
        "200":
          description: The time.
          content:
            application/json:
              schema:
                type: object
                required: [now]
                properties: {now: {type: string, format: date-time, examples: ["2026-11-01T00:00:00Z"]}, zone: {type: string, maxLength: 3}}
""",
        "utf-8",
    )
    ids = {mutant.id for mutant in derive_http(load_contract(path))}

    assert {"read-time-now-is-missing", "read-time-now-breaks-its-format", "read-time-zone-is-too-long"} <= ids
    assert "read-time-succeeds-with-an-undeclared-status" in ids


def test_a_contract_whose_status_alone_names_the_code_has_mutants_of_its_errors() -> None:
    """Its envelope has no `code`: nothing can be wrong with what stands there, the rest can."""
    document = copy.deepcopy(dict(CONTRACT.openapi))
    document["x-error-taxonomy"]["envelope"].pop("code")
    bare = parse_bundle(document)
    mutants = {mutant.id: mutant for mutant in derive_http(bare)}
    answer = Response(404, (("content-type", "application/json"),), orjson.dumps({"error": {"category": "contract"}}).decode())
    exchange = Exchange(id="x1", subject="getOverview", purpose="a test", request=Request("GET", "/v1/overview"), response=answer)

    assert not [name for name in mutants if "is-called" in name or name.startswith("error-code")]
    assert mutants["not-found-has-another-status"].change(exchange, bare, {}).status != 404
    assert mutants["errors-have-no-body"].change(exchange, bare, {}).body == ""


@pytest.mark.parametrize("name", ["executive@1.1.0", "windowing@2.0.0"])
def test_the_mutants_of_any_contract_have_one_id_each(name: str) -> None:
    """Two rules of one number, told apart by the items that they derive, give two mutants."""
    ids = [mutant.id for mutant in derive_http(load_contract(name))]

    assert len(ids) == len(set(ids))


def test_a_number_that_rests_on_sums_is_changed_where_its_rule_says() -> None:
    """The item with the property of the rule, and no other; a number that is 0 rests on nothing, so it stays."""
    contract = load_contract("executive@1.1.0")
    operation = contract.operation("getExecutiveDashboard")
    schema = success_schema(operation)
    whole: Any = copy.deepcopy(pointers.follow(schema, str(schema["$ref"]))["examples"][0])
    mutant = next(
        item
        for item in derive_http(contract)
        if item.id == "get-executive-dashboard-executive-kpis-value-book-to-bill-is-more-than-its-parts-give"
    )
    changed = orjson.loads(mutant.change(exchange_with(operation, whole), contract, {}).body)
    moved = {kpi["key"] for kpi, before in zip(changed["executiveKpis"], whole["executiveKpis"], strict=True) if kpi != before}
    for kpi in whole["executiveKpis"]:
        kpi["value"] = 0

    assert moved == {"book_to_bill"}
    assert orjson.loads(mutant.change(exchange_with(operation, whole), contract, {}).body) == whole
