"""A server against its contract: what it has beside it, what it contradicts, what nothing showed."""

from __future__ import annotations

import json
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .conftest import Said
from .scripted import SECRET_VALUE, SHOP, TOKEN, Answer, Shop, problem, record, running, shop_contract

Drift = Callable[..., Said]


def look(drift: Drift, shop: Shop, *more: object, form: str = "json") -> Said:
    """Compare a shop with its contract."""
    with running(shop) as address:
        return drift("server", address, "--contract", SHOP, "--token", "env:SHOP_TOKEN", "--quiet", "--format", form, *more)


def on_products(change: Callable[[Any], Any]) -> Callable[[str, str, Answer], Answer]:
    """An edit of the body of every page."""

    def edit(method: str, path: str, answer: Answer) -> Answer:
        status, headers, body = answer
        return (status, headers, change(body)) if path == "/products" and status == 200 else answer

    return edit


def with_headers(**more: str) -> Callable[[str, str, Answer], Answer]:
    """An edit that adds headers to every page."""
    return lambda method, path, answer: (answer[0], {**answer[1], **more}, answer[2]) if answer[0] == 200 else answer


def test_an_honest_server_has_nothing_undocumented(drift: Drift) -> None:
    """What was never provoked is a note, and the exit code is 0."""
    outcome = look(drift, Shop())

    assert (outcome.code, outcome.found("undocumented"), outcome.found("contradicting")) == (0, set(), set())
    assert ("code", "listProducts", "", "CLOSED") in outcome.found("never seen")
    assert ("operation", "placeOrder", "", "POST /orders") in outcome.found("never seen")


def test_strict_counts_what_was_never_seen(drift: Drift) -> None:
    """The same server fails when everything documented must have been seen."""
    assert look(drift, Shop(), "--strict").code == 1


@pytest.mark.parametrize(
    ("edit", "side", "finding"),
    [
        (
            on_products(lambda body: {**body, "debug": SECRET_VALUE}),
            "undocumented",
            ("member", "listProducts", "200", "/debug"),
        ),
        (
            on_products(lambda body: {**body, "products": [{**product, "stock": 4} for product in body["products"]]}),
            "undocumented",
            ("member", "listProducts", "200", "/products/*/stock"),
        ),
        (with_headers(**{"X-Debug": "1"}), "undocumented", ("header", "listProducts", "200", "x-debug")),
        (with_headers(**{"Content-Type": "text/plain"}), "undocumented", ("media-type", "listProducts", "200", "text/plain")),
        (
            lambda method, path, answer: problem(418, "BAD_QUERY") if answer[0] == 401 else answer,
            "undocumented",
            ("status", "listProducts", "", "418"),
        ),
        (
            lambda method, path, answer: problem(401, "WHO_ARE_YOU", **{"WWW-Authenticate": "Bearer"}) if answer[0] == 401 else answer,
            "undocumented",
            ("code", "listProducts", "", "WHO_ARE_YOU"),
        ),
        (
            lambda method, path, answer: problem(401, "REPLAYED", **{"WWW-Authenticate": "Bearer"}) if answer[0] == 401 else answer,
            "undocumented",
            ("code", "listProducts", "", "REPLAYED"),
        ),
        (on_products(lambda body: {**body, "total": "many"}), "contradicting", ("value", "listProducts", "200", "/total")),
        (
            on_products(lambda body: {"products": body["products"]}),
            "contradicting",
            ("value", "listProducts", "200", "/total"),
        ),
        (on_products(lambda body: "<html>"), "contradicting", ("value", "listProducts", "200", "/")),
    ],
)
def test_each_kind_of_drift_is_found(
    drift: Drift, tmp_path: Path, edit: Callable[..., Answer], side: str, finding: tuple[str, ...]
) -> None:
    """One wrong answer, one finding of its kind, exit code 1."""
    if finding[0] in ("status", "code"):
        # What a shop says to those without a token only shows to one that comes without.
        with running(Shop(edit)) as address:
            har = record(tmp_path / "traffic.har", address, ["/products"])
            outcome = drift("server", address, "--contract", SHOP, "--har", har, "--quiet", "--format", "json")
    else:
        outcome = look(drift, Shop(edit))

    assert outcome.code == 1
    assert finding in outcome.found(side)


@pytest.mark.parametrize("form", ["text", "json", "junit", "github", "html"])
def test_types_are_shown_and_values_never(drift: Drift, form: str) -> None:
    """Neither a value of a body nor the token is in any output, the type of an undocumented member is."""
    shop = Shop(on_products(lambda body: {**body, "owner": SECRET_VALUE, "total": SECRET_VALUE}))
    outcome = look(drift, shop, form=form)

    assert outcome.code == 1
    assert "owner" in outcome.out
    assert "string (email)" in outcome.out
    assert SECRET_VALUE not in outcome.out + outcome.err
    assert TOKEN not in outcome.out + outcome.err


def test_keys_of_a_map_are_told_as_one(drift: Drift) -> None:
    """Very many undocumented names in one place are values in disguise."""
    shop = Shop(on_products(lambda body: {**body, **{f"user{chr(97 + number)}": 1 for number in range(20)}}))
    outcome = look(drift, shop)

    assert {finding[3] for finding in outcome.found("undocumented")} == {"/{…}"}


def test_an_operation_that_the_server_lacks_is_told_once(drift: Drift) -> None:
    """It answers 404 to everything: that is one operation never seen, and no undocumented status."""
    shop, more = Shop(), json.loads(json.dumps(shop_contract().openapi))
    more["paths"]["/gifts"] = {"get": {**more["paths"]["/products"]["get"], "operationId": "listGifts"}}
    with running(shop) as address, tempfile.TemporaryDirectory() as folder:
        contract = Path(folder, "more.json")
        contract.write_text(json.dumps(more))
        outcome = drift("server", address, "--contract", contract, "--token", "env:SHOP_TOKEN", "--quiet", "--format", "json")

    assert outcome.code == 0
    assert {finding for finding in outcome.found("never seen") if finding[1] == "listGifts"} == {
        ("operation", "listGifts", "", "GET /gifts")
    }


def test_an_ignored_finding_is_no_drift(drift: Drift) -> None:
    """What a proxy adds can be left out by kind and pattern."""
    outcome = look(drift, Shop(with_headers(**{"X-Envoy-Time": "1"})), "--ignore", "header:x-envoy-*")

    assert (outcome.code, outcome.json["notes"][-1]) == (0, "1 findings are ignored")


def test_only_safe_methods_are_sent_unless_told_otherwise(drift: Drift) -> None:
    """A look at a server leaves it as it is."""
    shop = Shop()
    look(drift, shop)

    assert set(shop.methods) == {"GET"}


def test_the_served_document_is_found_and_compared(drift: Drift) -> None:
    """An operation that only the served document has is undocumented; one that it lacks contradicts the contract."""
    shop, own = Shop(), json.loads(json.dumps(shop_contract().openapi))
    own["paths"]["/gifts"] = own["paths"].pop("/orders")
    own["info"]["description"] = "other words"
    shop.documents["/openapi.json"] = own
    outcome = look(drift, shop)

    assert outcome.code == 1
    assert ("operation", "served document", "", "/gifts") in outcome.found("undocumented")
    assert ("operation", "served document", "", "/orders") in outcome.found("contradicting")


def test_a_served_document_with_other_words_is_no_drift(drift: Drift) -> None:
    """Descriptions, servers and names of operations are every framework's own."""
    shop, own = Shop(), json.loads(json.dumps(shop_contract().openapi))
    own["info"]["description"] = "other words"
    own["servers"] = [{"url": "https://shop.example"}]
    shop.documents["/.well-known/openapi.json"] = own
    outcome = look(drift, shop)

    assert outcome.code == 0
    assert any("is compared: 0 differences" in note for note in outcome.json["notes"])


def test_a_document_that_a_framework_wrote_is_compared_for_what_it_says(drift: Drift) -> None:
    """It has no annotations, and that is no drift; a status and a member of its own are."""
    shop, own = Shop(), json.loads(json.dumps(shop_contract().openapi), object_hook=without_annotations)
    own["paths"]["/products"]["get"]["responses"]["422"] = {"description": "Validation Error"}
    own["components"]["schemas"]["Product"]["properties"]["stock"] = {"type": "integer"}
    shop.documents["/openapi.json"] = own
    outcome = look(drift, shop)

    assert outcome.found("undocumented") == {
        ("status", "served document", "", "/paths/~1products/get/responses/422"),
        ("member", "served document", "", "/components/schemas/Product/properties/stock"),
    }
    assert outcome.found("contradicting") == set()


def without_annotations(value: dict[str, Any]) -> dict[str, Any]:
    """An object of a document without what the vocabulary adds."""
    return {key: below for key, below in value.items() if not key.startswith("x-")}


def test_a_named_document_is_compared(drift: Drift, tmp_path: Path) -> None:
    """A file may stand for what the server would serve."""
    own = json.loads(json.dumps(shop_contract().openapi))
    own["components"]["schemas"]["Product"]["properties"]["price"]["type"] = "string"
    path = tmp_path / "served.json"
    path.write_text(json.dumps(own))
    outcome = look(drift, Shop(), "--document", path)

    assert outcome.code == 1
    assert any(kind == "document" and "price" in name for kind, _, _, name in outcome.found("contradicting"))


def test_junit_and_github_tell_drift_from_notes(drift: Drift) -> None:
    """A pipeline sees one failure, and what was never seen as skipped or as one notice."""
    shop = Shop(with_headers(**{"X-Debug": "1"}))
    junit, github = ET.fromstring(look(drift, shop, form="junit").out), look(drift, shop, form="github").out

    assert junit[0].get("failures") == "1"
    assert int(junit[0].get("skipped") or 0) > 3
    assert [line.split("::")[1].split(" ")[0] for line in github.splitlines()] == ["error", "notice"]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["server"], 2, "--evidence FILE or --har FILE"),
        (["server", "nonsense", "--contract", str(SHOP)], 2, "http://127.0.0.1:8000"),
        (["server", "http://me:hunter2@127.0.0.1:9", "--contract", str(SHOP)], 2, "without a name and a password"),
        (["server", "http://127.0.0.1:9", "--contract", "nothing@1.0.0"], 2, "nothing@1.0.0"),
        (["server", "http://127.0.0.1:9"], 2, "--contract"),
        (["server", "http://127.0.0.1:9", "--contract", str(SHOP), "--token", "secret"], 2, "env:NAME"),
        (["server", "http://127.0.0.1:9", "--contract", str(SHOP), "--parameter", "x"], 2, "NAME=VALUE"),
        (["server", "http://127.0.0.1:9", "--contract", str(SHOP), "--target", "no-such.toml"], 2, "no-such.toml"),
        (["server", "--contract", str(SHOP), "--har", "no-such.har"], 2, "no-such.har"),
        (["server", "--evidence", "no-such.gz"], 2, "no-such.gz"),
        (["server", "http://127.0.0.1:9", "--contract", str(SHOP)], 3, "no response"),
    ],
)
def test_bad_input_is_one_line(drift: Drift, arguments: list[str], code: int, message: str) -> None:
    """No traceback, one line, and the exit code that says whose fault it is."""
    outcome = drift(*arguments, "--quiet")

    assert (outcome.code, message in outcome.err, outcome.err.count("\n"), "Traceback" in outcome.err) == (code, True, 1, False)
    assert "hunter2" not in outcome.err


def test_a_server_that_refuses_everything_is_not_judged(drift: Drift) -> None:
    """Without a success there is nothing to say, and the reason is told."""
    with running(Shop()) as address:
        outcome = drift("server", address, "--contract", SHOP, "--quiet")

    assert (outcome.code, "is the credential right?" in outcome.err) == (3, True)
