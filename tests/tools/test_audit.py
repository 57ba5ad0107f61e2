"""The audit of compatibility: what it edits, that it would see a rule missing or wrong, and a look at a part of its cells."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from assay_compatibility.classes import Direction, Severity
from assay_compatibility.rules import RULES, model
from assay_compatibility.rules.model import Rule
from compatibility_audit.cells import Cell, Fired, Status
from compatibility_audit.crosscheck import Crosscheck
from compatibility_audit.edits import Edit, edits_at
from compatibility_audit.keywords import keywords
from compatibility_audit.laws import composing_never_lowers, same_finds_nothing, swapping_turns
from compatibility_audit.objects import Node
from compatibility_audit.running import audited
from compatibility_audit.sites import MISSING, Sites, put
from compatibility_audit.table import counts, markdown, rows, troubles
from compatibility_audit.verdicts import Audit, host_of, official_schema
from compatibility_audit.waivers import Waivers, read_waivers


def sites_of(kind: str) -> list[Any]:
    """Every site of a host document."""
    official = official_schema(kind)
    return list(Sites(host_of(kind), Node(official, official, kind)).all())


@pytest.mark.parametrize(
    ("kind", "objects"),
    [
        (
            "openapi",
            """info contact license server server-variable components path-item operation external-documentation parameter request-body
            media-type encoding response example link header tag security-scheme oauth-flows security-requirement""",
        ),
        (
            "asyncapi",
            """info contact license server serverVariable channel messageObject messageTrait operation operationTrait operationReply
            operationReplyAddress correlationId parameter components tag externalDocs multiFormatSchema messageExampleObject""",
        ),
    ],
)
def test_the_host_documents_hold_every_object_of_their_standard(kind: str, objects: str) -> None:
    """What no host document holds, no edit would touch."""
    found = {site.name for site in sites_of(kind)}

    assert set() == set(objects.split()) - found


@pytest.mark.parametrize(
    ("pointer", "direction"),
    [
        (("paths", "/things/{id}", "post", "requestBody", "content", "application/json", "schema"), Direction.REQUEST),
        (("paths", "/things/{id}", "post", "responses", "200", "content", "application/json", "schema"), Direction.RESPONSE),
        (("webhooks", "happened", "post", "requestBody", "content", "application/json", "schema"), Direction.RESPONSE),
        (("webhooks", "happened", "post", "responses", "200", "content", "application/json", "schema"), Direction.REQUEST),
    ],
)
def test_the_direction_of_a_place_turns_with_responses_and_webhooks(pointer: tuple[str, ...], direction: Direction) -> None:
    """What the server asks of a client goes the other way."""
    assert [direction] == [site.direction for site in sites_of("openapi") if site.pointer == pointer]


def test_every_field_of_an_object_is_added_removed_and_changed() -> None:
    """Both ways round, with values of the field's own kind."""
    site = next(site for site in sites_of("openapi") if site.name == "license")

    edited = {(edit.field, edit.kind) for edit in edits_at(site)}

    assert {(name, kind) for name in ("name", "url", "identifier") for kind in ("added", "removed", "changed")} <= edited


def test_an_edit_turned_round_undoes_it() -> None:
    """Before and after change places, and so does the word for it."""
    edit = Edit("parameter", "required", ("a",), Direction.REQUEST, "added", MISSING, True)

    assert (edit.reversed.kind, edit.reversed.before, edit.reversed.after) == ("removed", True, MISSING)
    assert edit == edit.reversed.reversed


def test_the_keywords_are_those_of_the_vocabularies() -> None:
    """JSON Schema 2020-12 and what OpenAPI adds to it."""
    assert {"minLength", "unevaluatedProperties", "dependentSchemas", "contentSchema", "discriminator", "$dynamicRef"} <= keywords().keys()


def test_putting_a_value_leaves_the_host_alone() -> None:
    """Everything beside the way is shared, and nothing of it written."""
    host = host_of("openapi")
    before = copy.deepcopy(host)

    after = put(put(host, ("info", "title"), MISSING), ("paths", "/others", "get", "responses", "200", "description"), "Else")

    assert before == host
    assert ("title" in after["info"], after["paths"]["/others"]["get"]["responses"]["200"]["description"]) == (False, "Else")


def test_instances_answer_beside_the_engine() -> None:
    """A plain instance decides before the engine is asked."""
    check = Crosscheck()

    assert tuple(check.contained(*pair).contained for pair in (({"minimum": 5}, {"minimum": 2}), ({"minimum": 2}, {"minimum": 5}))) == (
        True,
        False,
    )
    assert check.contradictions == []


def judged(waivers: Waivers, pointer: tuple[str, ...], before: Any, after: Any) -> Cell:
    """The verdict on one edit of the schema of a request."""
    audit = Audit("openapi", waivers=waivers)
    edit = Edit("schema", "maxLength", pointer, Direction.REQUEST, "changed", before, after, schema=True)
    spoken = audit.spoken(put(audit.host, pointer, before), put(audit.host, pointer, after))
    assert spoken is not None
    return audit.judged_schema(edit, spoken)


BODY = ("paths", "/things/{id}", "post", "requestBody", "content", "application/json", "schema")


def test_a_rule_that_says_nothing_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the rule of lengths only the net behind the rules reports an edit of lengths, and the net claims nothing."""
    rule = RULES["max-length-set"]
    silent = Rule(rule.id, rule.area, rule.effect, rule.sentence, lambda _: ())
    others = tuple(other for other in model.rules_of("schema") if other != rule)
    monkeypatch.setitem(model._BY_AREA, "schema", (*others, silent))

    cell = judged(read_waivers(), BODY, {"type": "string"}, {"type": "string", "maxLength": 3})

    assert (cell.status, [fired.rule for fired in cell.fired]) == (Status.UNCLAIMED, ["values-lost"])


def test_a_right_verdict_is_claimed() -> None:
    """The same edit with the rule in its place."""
    cell = judged(Waivers(), BODY, {"type": "string"}, {"type": "string", "maxLength": 3})

    assert (cell.status, cell.level, [finding.rule for finding in cell.fired]) == (Status.CLAIMED, Severity.MAJOR, ["max-length-set"])


def test_a_document_against_itself_finds_nothing() -> None:
    """Both hosts, with everything in them."""
    assert [finding for kind in ("openapi", "asyncapi") for finding in same_finds_nothing(host_of(kind))] == []


def test_a_mirror_of_another_class_breaks_the_law() -> None:
    """What narrows a request and, read backwards, does not widen a response."""
    webhook = ("webhooks", "happened", "post", *BODY[3:])
    one = Edit("schema", "maxLength", BODY, Direction.REQUEST, "set", {}, {"maxLength": 3}, schema=True)
    other = Edit("schema", "maxLength", webhook, Direction.RESPONSE, "unset", {"maxLength": 3}, {}, schema=True)

    def cells(law: Severity) -> list[Cell]:
        first = Fired("max-length-set", Severity.MAJOR, Severity.MAJOR, Direction.REQUEST, None)
        second = Fired("max-length-unset", law, law, Direction.RESPONSE, None)
        return [Cell("openapi", one, (first,), Status.CLAIMED), Cell("openapi", other, (second,), Status.CLAIMED)]

    assert list(swapping_turns("openapi", cells(Severity.MAJOR))) == []
    assert len(list(swapping_turns("openapi", cells(Severity.MINOR)))) == 1


def test_waivers_have_reasons_and_name_rules_that_exist() -> None:
    """A waiver without a reason is none."""
    waivers = read_waivers()

    assert all(len(reason) > 20 for reason in waivers.reasons)
    assert set() == waivers.catch_all - RULES.keys()


def test_a_part_of_the_audit_finds_nothing_unclaimed_and_nothing_wrong() -> None:
    """The whole of it is `tox -e audit`."""
    result = audited(every=60)

    assert troubles(result.cells) == []
    assert (result.laws, result.engine) == ((), ())
    assert counts(result.cells)["cells"] > 200
    assert len(rows(result.cells)) > 100
    assert "| field | edit |" in markdown(result.cells, result.laws, result.stale)


def test_composing_edits_never_lowers_the_class() -> None:
    """A few pairs of edits in different places."""
    audit = Audit("asyncapi")
    cells = list(audit.cells(every=40, schemas=False))

    assert list(composing_never_lowers(audit.host, cells, most=20)) == []
