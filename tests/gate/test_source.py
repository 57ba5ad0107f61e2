"""The source axis: edits of `reliability` 1.0.0, and what they do to callers of the client generated from it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from assay_compatibility.client import SOURCE_RULES, Documents, compare_sources
from assay_compatibility.client.annotations import Names
from assay_compatibility.client.rules import level_of
from assay_compatibility.diff_commands import diff, explain
from assay_compatibility.findings import Finding
from assay_contracts import load_contract
from click.testing import CliRunner

from .conftest import Write
from .test_documents import FEED, announcing

Edit = Callable[[dict[str, Any], dict[str, Any]], object]
PAGE = Path(__file__).parents[2] / "docs" / "reference" / "client-axis.md"
FAILURES, FUNNEL, SNAPSHOT = "/v1/analytics/failures", "/v1/analytics/funnel-metrics", "/v1/analytics/realtime-snapshot"


@pytest.fixture(scope="module")
def documents() -> Documents:
    """The released contract."""
    contract = load_contract("reliability@1.0.0")
    return Documents(contract.openapi, contract.asyncapi, "old")


def operation(http: dict[str, Any], path: str) -> dict[str, Any]:
    """The operation of a path."""
    found: dict[str, Any] = http["paths"][path]["get"]
    return found


def parameter(http: dict[str, Any], path: str, name: str) -> dict[str, Any]:
    """A parameter of an operation, written out where it stands."""
    listed = operation(http, path)["parameters"]
    for index, place in enumerate(listed):
        found = http["components"]["parameters"][place["$ref"].rpartition("/")[2]] if "$ref" in place else place
        if found["name"] == name:
            inline: dict[str, Any] = copy.deepcopy(found)
            listed[index] = inline
            return inline
    raise AssertionError(name)


def schemas(http: dict[str, Any], feed: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """A schema of both documents, as far as they have it."""
    return [document["components"]["schemas"][name] for document in (http, feed) if name in document["components"]["schemas"]]


def rename_operation(http: dict[str, Any], feed: dict[str, Any]) -> None:
    operation(http, FAILURES)["operationId"] = "findFailures"


def remove_operation(http: dict[str, Any], feed: dict[str, Any]) -> None:
    del http["paths"][FUNNEL]


def add_operation(http: dict[str, Any], feed: dict[str, Any]) -> None:
    added = copy.deepcopy(operation(http, SNAPSHOT))
    http["paths"]["/v1/another"] = {"get": {**added, "operationId": "getAnother"}}


def reorder_parameters(http: dict[str, Any], feed: dict[str, Any]) -> None:
    operation(http, FAILURES)["parameters"].reverse()


def rename_parameter(http: dict[str, Any], feed: dict[str, Any]) -> None:
    parameter(http, FUNNEL, "groupBy")["name"] = "step"


def remove_parameter(http: dict[str, Any], feed: dict[str, Any]) -> None:
    operation(http, FUNNEL)["parameters"].remove(parameter(http, FUNNEL, "groupBy"))


def require_parameter(http: dict[str, Any], feed: dict[str, Any]) -> None:
    parameter(http, SNAPSHOT, "after")["required"] = True


def relax_parameter(http: dict[str, Any], feed: dict[str, Any]) -> None:
    parameter(http, FUNNEL, "from")["required"] = False


def add_parameter(http: dict[str, Any], feed: dict[str, Any]) -> None:
    operation(http, SNAPSHOT)["parameters"].append({"name": "limit", "in": "query", "schema": {"type": "integer"}})


def add_required_parameter(http: dict[str, Any], feed: dict[str, Any]) -> None:
    added = {"name": "region", "in": "query", "required": True, "schema": {"type": "boolean"}}
    operation(http, SNAPSHOT)["parameters"].append(added)


def retype_parameter(http: dict[str, Any], feed: dict[str, Any]) -> None:
    parameter(http, SNAPSHOT, "after")["schema"] = {"type": "string"}


def widen_parameter(http: dict[str, Any], feed: dict[str, Any]) -> None:
    parameter(http, SNAPSHOT, "after")["schema"] = {"type": "number"}


def drop_a_choice(http: dict[str, Any], feed: dict[str, Any]) -> None:
    parameter(http, FUNNEL, "groupBy")["schema"] = {"type": "string", "enum": ["hour"]}


def give_another_model(http: dict[str, Any], feed: dict[str, Any]) -> None:
    answer = operation(http, FUNNEL)["responses"]["200"]["content"]["application/json"]
    answer["schema"] = {"$ref": "#/components/schemas/FunnelNumbers"}


def make_a_member_optional(http: dict[str, Any], feed: dict[str, Any]) -> None:
    schemas(http, feed, "FunnelMetrics")[0]["required"].remove("window")


def make_a_member_nullable(http: dict[str, Any], feed: dict[str, Any]) -> None:
    metrics = schemas(http, feed, "FunnelMetrics")[0]["properties"]
    metrics["meta"] = {"anyOf": [metrics["meta"], {"type": "null"}]}


def make_a_member_certain(http: dict[str, Any], feed: dict[str, Any]) -> None:
    schemas(http, feed, "FunnelMetrics")[0]["required"].append("series")


def remove_a_member(http: dict[str, Any], feed: dict[str, Any]) -> None:
    found = schemas(http, feed, "FunnelMeta")[0]
    del found["properties"]["dataProfile"]
    found["required"].remove("dataProfile")


def add_a_member(http: dict[str, Any], feed: dict[str, Any]) -> None:
    schemas(http, feed, "FunnelMeta")[0]["properties"]["note"] = {"type": "string"}


def retype_a_member(http: dict[str, Any], feed: dict[str, Any]) -> None:
    schemas(http, feed, "FunnelMeta")[0]["properties"]["stale"] = {"type": "string"}


def rename_a_model(http: dict[str, Any], feed: dict[str, Any]) -> None:
    written = json.dumps(http).replace('schemas/FunnelMeta"', 'schemas/FunnelNotes"')
    http.update(json.loads(written))
    http["components"]["schemas"]["FunnelNotes"] = http["components"]["schemas"].pop("FunnelMeta")


def drop_a_value(http: dict[str, Any], feed: dict[str, Any]) -> None:
    for schema in schemas(http, feed, "Severity"):
        schema["enum"].remove("critical")


def add_a_value(http: dict[str, Any], feed: dict[str, Any]) -> None:
    for schema in schemas(http, feed, "Severity"):
        schema["enum"].append("catastrophic")


def drop_an_error(http: dict[str, Any], feed: dict[str, Any]) -> None:
    _retell(http, feed, lambda codes: codes.pop("PAYLOAD_TOO_LARGE", None))


def move_an_error(http: dict[str, Any], feed: dict[str, Any]) -> None:
    _retell(http, feed, lambda codes: codes["NOT_FOUND"].update(category="authz"))


def drop_the_feed_method(http: dict[str, Any], feed: dict[str, Any]) -> None:
    written = json.dumps(feed).replace("incidentFeed", "incidentStream")
    feed.clear()
    feed.update(json.loads(written))


def _retell(http: dict[str, Any], feed: dict[str, Any], edit: Callable[[Any], object]) -> None:
    for document in (http, feed):
        if "codes" in document.get("x-error-taxonomy", {}):
            codes = document["x-error-taxonomy"]["codes"]
            edit(codes if isinstance(codes, dict) else {})


CASES: dict[Edit, set[tuple[str, str]]] = {
    rename_operation: {
        ("source-operation-renamed", "/ReliabilityClient/list_failures"),
        ("source-model-renamed", "/ListFailuresFilter"),
    },
    remove_operation: {("source-operation-removed", "/ReliabilityClient/get_funnel_metrics"), ("source-model-removed", "/FunnelMetrics")},
    add_operation: {("source-operation-added", "/ReliabilityClient/get_another")},
    reorder_parameters: {("source-parameter-reordered", "/ReliabilityClient/list_failures")},
    rename_parameter: {("source-parameter-renamed", "/ReliabilityClient/get_funnel_metrics/group_by")},
    remove_parameter: {("source-parameter-removed", "/ReliabilityClient/get_funnel_metrics/group_by")},
    require_parameter: {("source-parameter-became-required", "/ReliabilityClient/get_realtime_snapshot/after")},
    relax_parameter: {("source-parameter-became-optional", "/ReliabilityClient/get_funnel_metrics/from_")},
    add_parameter: {("source-parameter-added", "/ReliabilityClient/get_realtime_snapshot/limit")},
    add_required_parameter: {("source-required-parameter-added", "/ReliabilityClient/get_realtime_snapshot/region")},
    retype_parameter: {("source-parameter-type-changed", "/ReliabilityClient/get_realtime_snapshot/after")},
    widen_parameter: {("source-parameter-type-widened", "/ReliabilityClient/get_realtime_snapshot/after")},
    drop_a_choice: {("source-parameter-type-changed", "/ReliabilityClient/get_funnel_metrics/group_by")},
    give_another_model: {("source-return-type-changed", "/ReliabilityClient/get_funnel_metrics/return")},
    make_a_member_optional: {("source-may-be-none", "/FunnelMetrics/window")},
    make_a_member_nullable: {("source-may-be-none", "/FunnelMetrics/meta")},
    make_a_member_certain: {("source-field-type-narrowed", "/FunnelMetrics/series")},
    remove_a_member: {("source-field-removed", "/FunnelMeta/data_profile")},
    add_a_member: {("source-field-added", "/FunnelMeta/note")},
    retype_a_member: {("source-field-type-changed", "/FunnelMeta/stale")},
    rename_a_model: {("source-model-renamed", "/FunnelMeta")},
    drop_a_value: {("source-known-value-removed", "/Severity")},
    add_a_value: {("source-known-value-added", "/Severity")},
    drop_an_error: {("source-error-removed", "/PayloadTooLarge")},
    move_an_error: {("source-base-changed", "/NotFound")},
    drop_the_feed_method: {("source-operation-renamed", "/ReliabilityClient/incident_feed")},
}


def compared(documents: Documents, edit: Edit) -> tuple[Finding, ...]:
    """What an edit of the contract does to callers."""
    http, feed = copy.deepcopy(dict(documents.openapi)), copy.deepcopy(dict(documents.asyncapi or {}))
    edit(http, feed)
    return compare_sources(documents, Documents(http, feed, "new"))


@pytest.mark.parametrize("edit", CASES, ids=lambda edit: edit.__name__)
def test_an_edit_is_found_where_callers_meet_it(documents: Documents, edit: Edit) -> None:
    """Each edit has the finding that names what a caller wrote, with the class of its rule and the methods it reaches."""
    found = {(finding.rule, finding.pointer): finding for finding in compared(documents, edit)}

    assert found.keys() >= CASES[edit]
    for key in CASES[edit]:
        assert found[key].level is level_of(key[0])
        assert found[key].axis == "source"
        assert found[key].reaches or key[0] in ("source-error-removed", "source-base-changed")


@pytest.mark.parametrize(
    "edit",
    [rename_a_model, make_a_member_optional, drop_a_value, retype_parameter, reorder_parameters, retype_a_member],
    ids=lambda edit: edit.__name__,
)
def test_one_cause_is_one_finding(documents: Documents, edit: Edit) -> None:
    """Both clients and every method that a change reaches stand in one finding."""
    assert len(compared(documents, edit)) == 1


def test_a_contract_against_itself_finds_nothing(documents: Documents) -> None:
    """The same documents give the same client, whatever version they name."""

    def another_version(http: dict[str, Any], feed: dict[str, Any]) -> None:
        http["info"]["version"] = feed["info"]["version"] = "1.7.0"

    assert compared(documents, another_version) == ()


def test_a_side_without_a_client_is_undecided(documents: Documents) -> None:
    """What cannot be generated is never held to be compatible, and says why; whichever side it is."""
    (removed,) = compare_sources(documents, Documents({}, documents.asyncapi, "new"))
    (added,) = compare_sources(Documents({"openapi": "3.1.0"}, None, "odd"), documents)

    assert {(finding.rule, finding.level.value) for finding in (removed, added)} == {("source-not-generated", "undecided")}
    assert removed.after == "new: a client is written from an OpenAPI document, and there is none"
    assert str(added.after).startswith("odd: ")


def take_a_body(http: dict[str, Any], feed: dict[str, Any]) -> None:
    """An operation that is given a model."""
    report = {
        "type": "object",
        "additionalProperties": False,
        "required": ["title"],
        "properties": {"title": {"type": "string"}, "lines": {"type": "integer"}, "kind": {"enum": ["short", "long"]}},
    }
    http["components"]["schemas"]["Report"] = report
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Report"}}}
    kept = {key: value for key, value in operation(http, SNAPSHOT).items() if key in ("responses", "x-error-codes", "security")}
    body = {"required": True, "content": content}
    http["paths"]["/v1/reports"] = {"post": {**copy.deepcopy(kept), "operationId": "sendReport", "requestBody": body}}


def needs_more(report: dict[str, Any]) -> None:
    report["properties"]["owner"] = {"type": "string"}
    report["required"].append("owner")


def takes_more(report: dict[str, Any]) -> None:
    report["properties"]["owner"] = {"type": "string"}


def insists(report: dict[str, Any]) -> None:
    report["required"].append("lines")


def relents(report: dict[str, Any]) -> None:
    report["required"].remove("title")


def takes_fractions(report: dict[str, Any]) -> None:
    report["properties"]["lines"] = {"type": "number"}


def takes_words(report: dict[str, Any]) -> None:
    report["properties"]["lines"] = {"type": "string"}


def opens_up(report: dict[str, Any]) -> None:
    report["additionalProperties"] = True


GIVEN: dict[Callable[[dict[str, Any]], None], set[tuple[str, str]]] = {
    needs_more: {("source-required-field-added", "major")},
    takes_more: {("source-field-added", "minor")},
    insists: {("source-field-became-required", "major")},
    relents: {("source-field-became-optional", "minor")},
    takes_fractions: {("source-field-type-widened", "minor")},
    takes_words: {("source-field-type-changed", "major")},
    opens_up: set(),
}


@pytest.mark.parametrize("edit", GIVEN, ids=lambda edit: edit.__name__)
def test_what_is_given_is_looked_at_from_the_other_side(documents: Documents, edit: Callable[[dict[str, Any]], None]) -> None:
    """A model that callers make may take more than before, and must not ask for more."""
    before, after = copy.deepcopy(dict(documents.openapi)), copy.deepcopy(dict(documents.openapi))
    for side in (before, after):
        take_a_body(side, {})
    edit(after["components"]["schemas"]["Report"])

    found = compare_sources(Documents(before, documents.asyncapi, "old"), Documents(after, documents.asyncapi, "new"))

    assert {(finding.rule, finding.level.value) for finding in found} == GIVEN[edit]


@pytest.mark.parametrize(
    ("larger", "smaller", "contained"),
    [
        ("str", "Literal['a']", True),
        ("Literal['a', 'b'] | str", "str", True),
        ("Literal['a']", "Literal['a', 'b']", False),
        ("float", "int", True),
        ("int", "float", False),
        ("Optional[str]", "None", True),
        ("Union[int, None]", "int | None", True),
        ("str", "str | None", False),
        ("Sequence[float]", "list[int]", True),
        ("list[int]", "list[int | None]", False),
        ("Annotated[str, Field(pattern='a')]", "str", True),
        ("Any", "dict[str, Whatever]", True),
        ("datetime", "AwareDatetime", True),
        ("Parent", "Child", True),
        ("Child", "Parent", False),
        ("Name", "str", True),
        ("Tree", "int", True),
        ("'Child'", "Child", True),
    ],
)
def test_types_are_sets_of_values(larger: str, smaller: str, contained: bool) -> None:
    """Aliases stand for what they name, classes for what they stand below."""
    names = Names({"Name": "str", "Tree": "dict[str, Tree] | int"}, {"Child": ("Parent",)})

    assert names.contains(names.read(larger), names.read(smaller)) == contained


def test_the_command_compares_on_the_axis_asked_for(write: Write) -> None:
    """A version against itself has nothing to say on either; a document that no client is generated from is undecided."""
    same = CliRunner().invoke(diff, ["reliability@1.0.0", "reliability@1.0.0", "--axis", "both", "--format", "json"])
    foreign = CliRunner().invoke(
        diff, [write("1.0.0", of=FEED), write("1.1.0", announcing, of=FEED), "--axis", "source", "--format", "json", "--strict"]
    )

    assert json.loads(same.output) == {"class": "none", "findings": []}
    assert same.exit_code == 0
    assert json.loads(foreign.output)["class"] == "undecided"
    assert foreign.exit_code == 1


def test_the_page_lists_every_rule() -> None:
    """With its class and its sentence, by id."""
    rows = [f"| `{id}` | {level_of(id).value} | {rule.sentence} |" for id, rule in sorted(SOURCE_RULES.items())]

    assert [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `source-")] == rows


@pytest.mark.parametrize("rule", SOURCE_RULES)
def test_every_rule_is_explained(rule: str) -> None:
    """Each has a sentence and a class that `assay explain` tells."""
    outcome = CliRunner().invoke(explain, [rule])

    assert outcome.exit_code == 0
    assert level_of(rule).value in outcome.output
    assert SOURCE_RULES[rule].sentence in outcome.output


STRING = {"type": "string"}
THING = {"type": "object", "required": ["id"], "properties": {"id": STRING, "size": {"type": "integer"}}}


def reading(**schemas: Any) -> Documents:
    """A small API whose one response is a `Thing`."""
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}
    get = {"operationId": "getThing", "responses": {"200": {"description": "fine", "content": content}}}
    http = {"openapi": "3.1.0", "info": {"title": "Things", "version": "1.0.0"}, "paths": {"/thing": {"get": get}}}
    return Documents({**http, "components": {"schemas": schemas}}, None, "things")


@pytest.mark.parametrize(
    "thing",
    [{"allOf": [{"$ref": "#/components/schemas/Base"}]}, {"$ref": "#/components/schemas/Base"}],
    ids=["inherited", "another-name"],
)
def test_a_field_that_a_base_has_is_not_removed(thing: Any) -> None:
    """To extract a base takes nothing from a caller: only the base is new."""
    found = compare_sources(reading(Thing=THING), reading(Base=THING, Thing=thing))

    assert [(finding.rule, finding.before, finding.after) for finding in found] == [("source-model-added", None, "Base")]


def test_a_field_that_no_base_has_is_removed() -> None:
    """A base that lacks a field is no excuse."""
    base = {"type": "object", "required": ["id"], "properties": {"id": STRING}}
    found = compare_sources(reading(Thing=THING), reading(Base=base, Thing={"allOf": [{"$ref": "#/components/schemas/Base"}]}))

    assert "source-field-removed" in [finding.rule for finding in found]
