"""Each rule finds what it is for, where it is written, and says nothing about documents that keep it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from assay_contracts import list_contracts
from assay_contracts.lint import RULES, Finding, lint_contracts, lint_files

Document = dict[str, Any]
Write = Callable[[str, Document], Path]
Break = Callable[[Document, Document], object]


def listing(api: Document) -> Document:
    """The one operation of the small contract."""
    found: Document = api["paths"]["/items"]["get"]
    return found


def schemas(api: Document) -> Document:
    """The component schemas of the small contract."""
    found: Document = api["components"]["schemas"]
    return found


def size(api: Document) -> Document:
    """The shared parameter of the small contract."""
    found: Document = api["components"]["parameters"]["size"]
    return found


def stream(feed: Document) -> Document:
    """The annotation of the small contract's channel."""
    found: Document = feed["channels"]["feed"]["x-stream"]
    return found


def narrow(api: Document) -> None:
    """A schema that narrows a member of the schema that it extends."""
    extended = {"$ref": "#/components/schemas/Error"}
    narrowed = {"properties": {"code": {"const": "INVALID_SORT"}}}
    schemas(api)["SortError"] = {"allOf": [extended, narrowed], "examples": [{"code": "INVALID_SORT"}]}


def same_id(api: Document) -> None:
    """A second operation with the id of the first."""
    api["paths"]["/others"] = {"get": listing(api)}


def unknown_code(api: Document) -> None:
    """A code that the taxonomy does not know."""
    listing(api)["x-error-codes"].append("INVALID_MOON")


def codeless_answer(api: Document) -> None:
    """An error answer that no code leads to."""
    listing(api)["responses"]["404"] = {"description": "Nothing."}


def dangling_message(feed: Document) -> None:
    """A message that the channel does not have."""
    feed["operations"]["sendChanges"]["messages"].append({"$ref": "#/channels/feed/messages/no"})


def unknown_answer(api: Document) -> None:
    """A fault that answers with a code nobody knows."""
    api["x-error-taxonomy"]["faults"] = {"dusk": {"scope": "operation", "answers": ["NO"]}}


def wrong_header(api: Document) -> None:
    """A header whose example is of another type."""
    listing(api)["responses"]["200"]["headers"]["X-Total"]["example"] = "three"


CASES: list[tuple[str, str, Break]] = [
    ("dangling-reference", "openapi", lambda a, f: listing(a)["parameters"].append({"$ref": "#/components/parameters/no"})),
    ("dangling-reference", "asyncapi", lambda a, f: dangling_message(f)),
    ("dangling-reference", "asyncapi", lambda a, f: f["components"]["messages"]["delta"].update(payload={"$ref": "../no.yaml#/Delta"})),
    ("document-breaks-the-official-schema", "openapi", lambda a, f: listing(a).update(tags="items")),
    ("document-breaks-the-official-schema", "asyncapi", lambda a, f: f["channels"]["feed"].update(adress="/feed")),
    ("document-breaks-the-official-schema", "asyncapi", lambda a, f: f["operations"]["sendChanges"].update(action="shout")),
    ("schema-is-no-json-schema", "openapi", lambda a, f: schemas(a)["Item"].update(type="objekt")),
    ("schema-is-no-json-schema", "openapi", lambda a, f: schemas(a)["Item"]["properties"]["id"].update(pattern="([a-z")),
    ("duplicate-operation-id", "openapi", lambda a, f: same_id(a)),
    ("message-that-nobody-sends", "asyncapi", lambda a, f: f["operations"].pop("takeResume")),
    ("example-breaks-its-schema", "openapi", lambda a, f: schemas(a)["Item"].update(examples=[{"id": 1}])),
    ("example-breaks-its-schema", "openapi", lambda a, f: size(a).update(example=51)),
    ("example-breaks-its-schema", "openapi", lambda a, f: wrong_header(a)),
    ("example-breaks-its-schema", "asyncapi", lambda a, f: f["components"]["messages"]["delta"].update(examples=[{"payload": {}}])),
    ("default-breaks-its-schema", "openapi", lambda a, f: size(a)["schema"].update(default=0)),
    ("address-with-query-or-fragment", "asyncapi", lambda a, f: f["channels"]["feed"].update(address="/feed/{room}?tenant=a")),
    ("address-with-query-or-fragment", "asyncapi", lambda a, f: f["channels"]["feed"].update(address="/feed/{room}#top")),
    ("schema-without-example", "openapi", lambda a, f: schemas(a)["Item"].pop("examples")),
    ("schema-without-example", "asyncapi", lambda a, f: f["components"]["schemas"]["Entity"].pop("examples")),
    ("default-response", "openapi", lambda a, f: listing(a)["responses"].update(default={"description": "Whatever."})),
    ("unique-items-on-list", "openapi", lambda a, f: schemas(a)["Page"]["properties"]["items"].update(uniqueItems=True)),
    ("nullable-query-parameter", "openapi", lambda a, f: size(a)["schema"].update(type=["integer", "null"])),
    ("email-format-in-response", "openapi", lambda a, f: schemas(a)["Item"]["properties"]["id"].update(format="email")),
    ("items-false", "openapi", lambda a, f: schemas(a)["Page"]["properties"]["items"].update(items=False)),
    ("opaque-token-without-pattern", "openapi", lambda a, f: listing(a)["parameters"][0]["schema"].pop("pattern")),
    ("code-on-a-shared-problem-schema", "openapi", lambda a, f: narrow(a)),
    ("operation-without-error-codes", "openapi", lambda a, f: listing(a).pop("x-error-codes")),
    ("code-not-in-taxonomy", "openapi", lambda a, f: unknown_code(a)),
    ("code-not-in-taxonomy", "asyncapi", lambda a, f: f["channels"]["feed"].update({"x-error-codes": ["INVALID_MOON"]})),
    ("error-code-undeclared", "openapi", lambda a, f: listing(a)["responses"].pop("400")),
    ("error-code-undeclared", "openapi", lambda a, f: schemas(a)["Error"]["properties"]["code"]["enum"].remove("INVALID_SORT")),
    ("error-answer-without-code", "openapi", lambda a, f: codeless_answer(a)),
    ("category-not-in-taxonomy", "openapi", lambda a, f: a["x-error-taxonomy"]["codes"]["INVALID_SORT"].update(category="moon")),
    ("category-not-in-taxonomy", "openapi", lambda a, f: unknown_answer(a)),
    ("unknown-annotation", "openapi", lambda a, f: listing(a).update({"x-paginaton": {}})),
    ("unknown-annotation", "asyncapi", lambda a, f: f["channels"]["feed"].update({"x-streem": {}})),
    ("annotation-in-the-wrong-place", "openapi", lambda a, f: a.update({"x-order": listing(a)["x-order"]})),
    ("annotation-breaks-its-schema", "openapi", lambda a, f: listing(a)["x-pagination"].update(style="scroll")),
    ("annotation-breaks-its-schema", "asyncapi", lambda a, f: stream(f).pop("sequence")),
    ("annotation-names-a-missing-parameter", "openapi", lambda a, f: listing(a)["x-order"].update(parameter="order")),
    ("annotation-names-a-missing-parameter", "openapi", lambda a, f: listing(a)["x-pagination"]["cursor"].update(binds=["tenant"])),
    ("annotation-names-a-missing-parameter", "asyncapi", lambda a, f: stream(f).update(tenancy={"parameter": "tenants", "echo": []})),
    ("annotation-names-a-missing-operation", "asyncapi", lambda a, f: stream(f)["delta"].update(message="change")),
    ("annotation-names-a-missing-operation", "asyncapi", lambda a, f: stream(f).update(resync={"operation": "getItems", "after": "after"})),
    ("annotation-names-a-missing-operation", "asyncapi", lambda a, f: stream(f).update(resync={"operation": "listItems", "after": "x"})),
    ("annotation-answers-an-undeclared-code", "openapi", lambda a, f: listing(a)["x-order"].update(invalid="INVALID_ORDER")),
    ("annotation-pointer-hits-nothing", "openapi", lambda a, f: listing(a)["x-pagination"].update(items="/things")),
    ("annotation-pointer-hits-nothing", "openapi", lambda a, f: listing(a)["x-pagination"].update(identity="uid")),
    ("annotation-pointer-hits-nothing", "openapi", lambda a, f: listing(a)["x-order"]["orders"]["id:asc"].update(by="name")),
    ("annotation-pointer-hits-nothing", "openapi", lambda a, f: a["x-error-taxonomy"]["envelope"].update(field="/details/field")),
    ("annotation-pointer-hits-nothing", "asyncapi", lambda a, f: stream(f)["sequence"].update(at="/number")),
    ("annotation-pointer-hits-nothing", "asyncapi", lambda a, f: stream(f)["snapshot"].update(identity="uid")),
    ("annotation-disagrees-with-its-parameter", "openapi", lambda a, f: listing(a)["x-pagination"]["size"].update(maximum=100)),
    ("annotation-disagrees-with-its-parameter", "openapi", lambda a, f: listing(a)["x-order"]["orders"].pop("id:desc")),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "kind", "spoil"), CASES, ids=[f"{n}-{case[0]}" for n, case in enumerate(CASES)])
def test_a_rule_finds_what_it_is_for(rule: str, kind: str, spoil: Break, openapi: Document, asyncapi: Document, write: Write) -> None:
    """A document spoiled in one place is found by the rule, in its own file, on a line of it."""
    spoil(openapi, asyncapi)
    paths = {"openapi": write("api.yaml", openapi), "asyncapi": write("feed.yaml", asyncapi)}

    found = [finding for finding in lint_files(paths.values()) if finding.rule == rule]

    assert found
    assert {paths[kind]} == {finding.path for finding in found}
    assert all(1 < finding.line <= len(paths[kind].read_text().splitlines()) for finding in found)
    assert all(finding.level == RULES[rule].level for finding in found)


def test_a_document_that_keeps_every_rule_has_no_findings(openapi: Document, asyncapi: Document, write: Write) -> None:
    """The two small documents are clean, so each case above is the work of its one change."""
    found = lint_files([write("api.yaml", openapi), write("feed.yaml", asyncapi)])

    assert found == ()


def test_the_contracts_of_the_repository_are_clean() -> None:
    """The contracts, released and drafted, keep every rule; what is waived is written down with its reason."""
    assert list_contracts()
    assert lint_contracts() == ()


def test_a_finding_in_a_shared_file_is_reported_there(openapi: Document, write: Write) -> None:
    """What is wrong in a file that a contract refers to is shown in that file, not in the contract."""
    broken = {"components": {"schemas": {"Thing": {"type": "string", "examples": [1]}}}}
    shared = write("shared/things.yaml", broken)
    schemas(openapi)["Item"]["properties"]["id"] = {"$ref": "shared/things.yaml#/components/schemas/Thing"}

    (found,) = [finding for finding in lint_files([write("api.yaml", openapi)]) if finding.path != write("api.yaml", openapi)]

    assert (shared.resolve(), "example-breaks-its-schema") == (found.path.resolve(), found.rule)
    assert found.pointer == "/components/schemas/Thing/examples/0"
    assert found.line == 7


def test_a_reference_in_a_shared_file_that_leads_nowhere_is_found(openapi: Document, write: Write) -> None:
    """References are followed through every file."""
    shared = write("shared/things.yaml", {"Thing": {"$ref": "#/Missing"}})
    schemas(openapi)["Item"]["properties"]["id"] = {"$ref": "shared/things.yaml#/Thing"}

    (found,) = lint_files([write("api.yaml", openapi)])

    assert (shared.resolve(), "dangling-reference", "/Thing/$ref") == (found.path.resolve(), found.rule, found.pointer)


@pytest.mark.parametrize(
    "change",
    [
        lambda a: listing(a)["parameters"].append({"name": "q", "in": "query", "schema": {"type": "string"}}),
        lambda a: listing(a).update({"x-internal-team": "things"}),
        lambda a: schemas(a)["Page"].update(examples=[{"items": [], "next": "x"}]),
        lambda a: schemas(a).update(Pair={"type": "array", "prefixItems": [{}, {}], "items": False, "examples": [[1, 2]]}),
        lambda a: schemas(a).update(Data={"type": "object", "examples": [{"$ref": "#/nowhere"}], "default": {"$ref": 1}}),
        lambda a: schemas(a).update(Odd={"type": "object", "properties": {"$ref": {"type": "string"}}, "examples": [{}]}),
    ],
)  # fmt: skip
def test_what_only_looks_wrong_is_left_alone(change: Callable[[Document], object], openapi: Document, write: Write) -> None:
    """Free extensions, tuples, and data that contains the word `$ref` break no rule."""
    change(openapi)

    found: tuple[Finding, ...] = lint_files([write("api.yaml", openapi)])

    assert found == ()


def derived_from_elsewhere(api: Document, **source: Any) -> Document:
    """The small contract with a number that another operation returns as well."""
    page = {"type": "object", "required": ["count"], "properties": {"count": {"type": "integer"}, "name": {"type": "string"}}}
    content = {"200": {"description": "fine", "content": {"application/json": {"schema": page}}}}
    parameter = {"name": "shelf", "in": "query", "schema": {"type": "string"}}
    for path, id in (("/whole", "countAll"), ("/part", "countPart")):
        api["paths"][path] = {"get": {"operationId": id, "responses": content, "parameters": [parameter]}}
    rule = {"value": "/count", "sum": {"operation": "countPart", "at": "/count", "with": {"shelf": "a"}, **source}}
    api["paths"]["/whole"]["get"]["x-derived"] = [rule]
    return api


@pytest.mark.parametrize(
    ("source", "rule"),
    [
        ({}, None),
        ({"at": "/total"}, "annotation-pointer-hits-nothing"),
        ({"at": "/name"}, "derived-field-not-numeric"),
        ({"operation": "countNothing"}, "annotation-names-a-missing-operation"),
        ({"with": {"room": "a"}}, "annotation-names-a-missing-parameter"),
        ({"with": {"shelf": "/name"}}, None),
        ({"with": {"shelf": "/nothing"}}, "annotation-pointer-hits-nothing"),
    ],
)
def test_a_number_of_another_operation_is_looked_up_there(source: Document, rule: str | None, openapi: Document, write: Write) -> None:
    """The operation exists, has the parameters, and returns the number."""
    found = {finding.rule for finding in lint_files([write("api.yaml", derived_from_elsewhere(openapi, **source))])}

    followed = {"annotation-pointer-hits-nothing", "derived-field-not-numeric"}
    named = {"annotation-names-a-missing-operation", "annotation-names-a-missing-parameter"}
    assert found & (followed | named) == ({rule} if rule else set())


def test_a_number_that_only_another_operation_returns_is_found_there(openapi: Document, write: Write) -> None:
    """The properties of an object are not taken for the items of a list of pointers."""
    api = derived_from_elsewhere(openapi, at="/amount")
    page = {"type": "object", "required": ["amount"], "properties": {"amount": {"type": "integer"}}}
    api["paths"]["/part"]["get"]["responses"] = {"200": {"description": "fine", "content": {"application/json": {"schema": page}}}}

    assert "annotation-pointer-hits-nothing" not in {finding.rule for finding in lint_files([write("api.yaml", api)])}


def test_a_tenant_in_the_request_body_is_looked_up_there(openapi: Document, write: Write) -> None:
    """A parameter of tenancy that is a pointer leads into the body."""
    body = {"type": "object", "properties": {"tenantId": {"type": "string"}}}
    post = {
        "operationId": "makeExport",
        "requestBody": {"content": {"application/json": {"schema": body}}},
        "responses": {"204": {"description": "fine"}},
    }
    openapi["paths"]["/exports"] = {"post": {**post, "x-tenancy": {"parameter": "/tenantId", "forbidden": "FORBIDDEN"}}}
    there = {finding.rule for finding in lint_files([write("api.yaml", openapi)])}
    openapi["paths"]["/exports"]["post"]["x-tenancy"]["parameter"] = "/tenant"
    elsewhere = {finding.rule for finding in lint_files([write("api.yaml", openapi)])}

    assert "annotation-names-a-missing-parameter" not in there
    assert "annotation-names-a-missing-parameter" in elsewhere
