"""Recorded traffic of any environment: what of it is of the contract, and what drifted in it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from assay_contracts import load_contract
from assay_contracts.path_templates import matchable, path_pattern
from assay_drift.har import read_har

from .conftest import Said
from .scripted import CHAT, SECRET_VALUE, SHOP, TOKEN, Shop, record, running, shop_contract

Drift = Callable[..., Said]
PAGE = {"products": [], "total": 0}
HEADERS = [{"name": "ETag", "value": '"p1"'}, {"name": "Cache-Control", "value": "private, max-age=1"}]


def entry(url: str, body: Any = PAGE, *, method: str = "GET", status: int = 200, **content: Any) -> dict[str, Any]:
    """One recorded exchange."""
    text = body if isinstance(body, str) else json.dumps(body)
    return {
        "request": {"method": method, "url": url, "headers": [{"name": "Cookie", "value": f"session={TOKEN}"}]},
        "response": {"status": status, "headers": HEADERS, "content": {"mimeType": "application/json", "text": text, **content}},
    }


def write(path: Path, *entries: dict[str, Any]) -> Path:
    """A recording of these."""
    path.write_text(json.dumps({"log": {"entries": list(entries)}}))
    return path


def test_a_recording_of_a_real_server_is_read(drift: Drift, tmp_path: Path) -> None:
    """What a client saw is compared, and its token is nowhere in the output."""
    with running(Shop()) as address:
        har = record(tmp_path / "traffic.har", address, ["/products?limit=3", "/products?limit=0"], token=TOKEN)
    outcome = drift("server", "--contract", SHOP, "--har", har, "--format", "json")

    assert (outcome.code, outcome.json["seen"]["exchanges"], TOKEN in outcome.out) == (0, 2, False)
    assert ("parameter", "listProducts", "query", "offset") in outcome.found("never seen")


def test_an_operation_that_no_contract_has_is_undocumented(drift: Drift, tmp_path: Path) -> None:
    """Its path is shown with what looks like an identifier left out."""
    har = write(
        tmp_path / "traffic.har",
        entry("https://shop.example/products"),
        entry("https://shop.example/users/8f14e45fceea167a/cart", {"owner": SECRET_VALUE}),
        entry("https://shop.example/products", "{}", method="DELETE", status=204),
        entry("https://shop.example/nowhere", "{}", status=404),
        entry("https://cdn.example/logo.png", "{}"),
    )
    outcome = drift("server", "--contract", SHOP, "--har", har, "--format", "json")

    assert outcome.code == 1
    assert {name for kind, _, _, name in outcome.found("undocumented") if kind == "operation"} == {
        "GET /users/{…}/cart",
        "DELETE /products",
    }
    assert SECRET_VALUE not in outcome.out
    assert outcome.json["notes"] == ["1 recorded requests went elsewhere"]


def test_a_parameter_that_clients_send_and_no_contract_has_is_undocumented(drift: Drift, tmp_path: Path) -> None:
    """Real clients show what they rely on."""
    har = write(tmp_path / "traffic.har", entry("https://shop.example/products?secret=1&where%5Bcolour%5D=red"))
    outcome = drift("server", "--contract", SHOP, "--har", har, "--format", "json")

    assert (outcome.code, outcome.found("undocumented")) == (1, {("parameter", "listProducts", "query", "secret")})


def test_the_api_may_lie_below_a_path(tmp_path: Path) -> None:
    """With an address, only what lies below it counts; the servers of the contract name prefixes too."""
    har = write(tmp_path / "traffic.har", entry("https://x.example/api/products"), entry("https://x.example/products"))

    assert len(read_har(har, shop_contract(), "https://x.example/api").exchanges) == 1
    assert len(read_har(har, shop_contract(), "https://x.example").exchanges) == 2
    with pytest.raises(Exception, match=r"requests to https://y\.example"):
        read_har(har, shop_contract(), "https://y.example")


def test_bodies_may_be_in_base64_or_left_out(drift: Drift, tmp_path: Path) -> None:
    """What a browser writes down in its own ways is read all the same."""
    coded = base64.b64encode(json.dumps({**PAGE, "debug": 1}).encode()).decode()
    har = write(tmp_path / "traffic.har", entry("https://shop.example/products", coded, encoding="base64"))
    outcome = drift("server", "--contract", SHOP, "--har", har, "--format", "json")

    assert outcome.found("undocumented") == {("member", "listProducts", "200", "/debug")}


def test_the_messages_of_a_recorded_socket_are_read(drift: Drift, tmp_path: Path) -> None:
    """Both directions: what the server sent, and what the client did."""
    messages = [
        {"type": "receive", "time": 1.0, "opcode": 1, "data": json.dumps({"kind": "hello", "n": 0, "people": [], "motd": SECRET_VALUE})},
        {"type": "send", "time": 2.0, "opcode": 1, "data": json.dumps({"kind": "shout", "text": "hi"})},
        {"type": "receive", "time": 3.0, "opcode": 1, "data": json.dumps({"kind": "party"})},
    ]
    har = write(
        tmp_path / "traffic.har",
        {
            "request": {"method": "GET", "url": "wss://chat.example/rooms/blue?as=ada"},
            "response": {"status": 101, "headers": []},
            "_webSocketMessages": messages,
        },
    )
    outcome = drift("server", "--contract", CHAT, "--har", har, "--format", "json")

    assert outcome.found("undocumented") == {
        ("member", "room", "hello", "/motd"),
        ("message", "room", "", "shout"),
        ("message", "room", "", "party"),
    }
    assert ("message", "room", "", "say") in outcome.found("never seen")


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"log": 3}', '{"log": {"entries": [1]}}', '{"log": {"entries": []}}'])
def test_what_is_no_recording_is_refused(drift: Drift, tmp_path: Path, content: str) -> None:
    """One line, exit code 2."""
    path = tmp_path / "traffic.har"
    path.write_text(content)
    outcome = drift("server", "--contract", SHOP, "--har", path)

    assert (outcome.code, outcome.err.count("\n"), "Traceback" in outcome.err) == (2, 1, False)


def test_a_contract_without_operations_takes_no_exchanges(tmp_path: Path) -> None:
    """A feed alone is a contract too."""
    har = write(tmp_path / "traffic.har", entry("https://chat.example/rooms/blue"))

    assert len(read_har(har, load_contract(CHAT)).exchanges) == 1


@pytest.mark.parametrize(
    "strange",
    [
        {"request": {"method": "GET", "url": "http://x:99999999/products"}, "response": {"status": 200}},
        {"request": {"method": "GET", "url": "http://[::1/products"}, "response": {"status": 200}},
        {"request": {"method": "GET"}, "response": {}},
        {"request": {"method": 7, "url": None}, "response": {"status": "ok", "headers": None, "content": 3}},
        {
            "request": {"url": "https://shop.example/products"},
            "response": {"status": 200, "headers": [1, {"value": 2}], "content": {"text": 4}},
        },
        {"request": {"url": "wss://shop.example/products"}, "response": {"status": "x"}, "_webSocketMessages": [1, {"data": 3}]},
    ],
)
def test_strange_entries_do_no_harm(tmp_path: Path, strange: dict[str, Any]) -> None:
    """A recording of another tool may be odd in places; the rest of it is read."""
    har = write(tmp_path / "traffic.har", strange, entry("https://shop.example/products"))

    assert any(exchange.request.path == "/products" for exchange in read_har(har, shop_contract()).exchanges)


def test_a_slash_in_an_identifier_is_no_other_path() -> None:
    """A path is matched before it is decoded: `%2F` stays inside its segment, other letters are what they stand for."""
    pattern = path_pattern("/products/{sku}")
    paths = ("/products/a%2Fb", "/products/a/b", "/pr%6Fducts/a")

    assert [bool(pattern.fullmatch(matchable(path))) for path in paths] == [True, False, True]


def test_a_recorded_identifier_with_a_slash_is_of_its_operation(drift: Drift, tmp_path: Path) -> None:
    """The recording has the path as it was sent, and so has the comparison."""
    contract = tmp_path / "things.json"
    responses = {"200": {"description": "One thing.", "content": {"application/json": {"schema": {"type": "object"}}}}}
    parameter = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    paths = {"/things/{id}": {"get": {"operationId": "getThing", "parameters": [parameter], "responses": responses}}}
    contract.write_text(json.dumps({"openapi": "3.1.0", "info": {"title": "Things", "version": "1.0.0"}, "paths": paths}))
    har = write(tmp_path / "traffic.har", entry("https://shop.example/things/a%2Fb", {}))

    outcome = drift("server", "--contract", contract, "--har", har, "--format", "json")

    assert outcome.json["seen"]["exchanges"] == 1
    assert [finding for finding in outcome.found("undocumented") if finding[0] == "operation"] == []
