"""The TypeScript client in Node, against a server: what is sent, what is read, and what TypeScript makes of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.codegen.typescript_project import Given, compiler, run, type_errors, write_client

STRING = {"type": "string"}
FISH = {"type": "object", "required": ["kind"], "properties": {"kind": {"const": "fish"}, "fins": {"type": "integer"}}}
FROG = {"type": "object", "required": ["kind"], "properties": {"kind": {"const": "frog"}}}
ANIMAL = {"oneOf": [{"$ref": "#/components/schemas/Fish"}, {"$ref": "#/components/schemas/Frog"}]}
PAGE = {
    "type": "object",
    "required": ["items"],
    "properties": {"items": {"type": "array", "items": {"$ref": "#/components/schemas/Animal"}}, "next": {"type": ["string", "null"]}},
}
JOB = {"type": "object", "required": ["state"], "properties": {"state": STRING, "done": {"type": "number"}}}


def content(schema: dict[str, Any], media: str = "application/json") -> dict[str, Any]:
    """A body of a schema."""
    return {"description": "It.", "content": {media: {"schema": schema}}}


def parameter(name: str, location: str, **schema: str) -> dict[str, Any]:
    """A parameter with a string."""
    return {"name": name, "in": location, "required": location == "path", "schema": {**STRING, **schema}}


DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Pond", "version": "1.2.0"},
    "security": [{"key": []}],
    "paths": {
        "/animals": {
            "get": {
                "operationId": "listAnimals",
                "parameters": [parameter("cursor", "query")],
                "responses": {"200": content({"$ref": "#/components/schemas/Page"})},
                "x-cache": {"etag": True},
                "x-pagination": {
                    "style": "cursor",
                    "items": "/items",
                    "cursor": {"parameter": "cursor", "next": "/next", "invalid": "OLD"},
                },
            },
            "post": {
                "operationId": "add_animal",
                "requestBody": {"required": True, **content({"$ref": "#/components/schemas/Animal"})},
                "responses": {
                    "201": content({"$ref": "#/components/schemas/Fish"}),
                    "202": content({"$ref": "#/components/schemas/Job"}),
                    "404": content(JOB),
                },
                "x-idempotency": {"header": "Once-Key"},
            },
        },
        "/animals/{id}": {
            "delete": {
                "operationId": "delete",
                "parameters": [parameter("id", "path"), parameter("id", "query")],
                "security": [{"basic": []}],
                "responses": {"204": {"description": "Gone."}},
            }
        },
        "/jobs/{id}": {
            "get": {
                "operationId": "getJob",
                "parameters": [parameter("id", "path")],
                "responses": {"200": content({"$ref": "#/components/schemas/Job"})},
                "x-job": {
                    "role": "poll",
                    "parameter": "id",
                    "state": "/state",
                    "states": {"running": ["done", "failed"], "done": [], "failed": []},
                    "failed": ["failed"],
                    "progress": "/done",
                },
            }
        },
        "/photos": {
            "post": {
                "operationId": "addPhoto",
                "requestBody": content(
                    {"type": "object", "properties": {"photo": {"type": "string", "format": "binary"}, "note": STRING}},
                    "multipart/form-data",
                ),
                "responses": {"200": content(STRING, "text/plain")},
            }
        },
        "/search": {
            "post": {
                "operationId": "search",
                "requestBody": content({"type": "object", "properties": {"q": STRING}}, "application/x-www-form-urlencoded"),
                "responses": {"200": {"description": "It.", "content": {"image/png": {}}}},
            }
        },
        "/map": {
            "get": {
                "operationId": "getMap",
                "parameters": [parameter("day", "query", format="date"), parameter("since", "query", format="date-time")],
                "responses": {"200": {"description": "It.", "content": {"image/png": {}}}},
                "x-cache": {"etag": True},
            }
        },
        "/events": {"get": {"operationId": "watch", "responses": {"200": content(STRING, "text/event-stream")}}},
    },
    "components": {
        "schemas": {"Fish": FISH, "Frog": FROG, "Animal": ANIMAL, "Page": PAGE, "Job": JOB},
        "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}, "basic": {"type": "http", "scheme": "basic"}},
    },
    "x-error-taxonomy": {
        "envelope": {"code": "/code", "message": "/message"},
        "categories": {"transient": {"retry": "bounded", "shows": "Wait."}, "validation": {"retry": "none", "shows": "No."}},
        "codes": {
            "BUSY": {"category": "transient", "status": 429, "retryable": True},
            "OLD": {"category": "validation", "status": 400, "retryable": False},
        },
    },
}


@pytest.fixture(scope="module")
def pond(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The compiled client."""
    compiler()
    folder = tmp_path_factory.mktemp("pond")
    write_client(folder, DOCUMENT)
    assert type_errors(folder) == ""
    return folder


def test_a_response_is_read_and_the_request_is_the_one_of_the_contract(pond: Path) -> None:
    """The credential stands where its scheme says."""
    output, (request,) = run(pond, "say(await client.listAnimals({ cursor: 'a b' }));", Given(body=b'{"items": []}'))

    assert output == {"items": []}
    assert (request.method, request.target, request.headers["x-key"]) == ("GET", "/animals?cursor=a%20b", "secret")


def test_an_error_is_of_the_class_of_its_code(pond: Path) -> None:
    """A code that is never tried again is asked for once."""
    body = b'{"code": "OLD", "message": "too old"}'
    program = """
    const error = await caught(client.listAnimals());
    say([error instanceof api.errors.Old, error instanceof api.ValidationError, error.code, error.status, error.body.message]);
    """

    output, requests = run(pond, program, Given(400, body))

    assert output == [True, True, "OLD", 400, "too old"]
    assert len(requests) == 1


def test_a_busy_server_is_asked_again_under_the_same_key(pond: Path) -> None:
    """So it does the work once."""
    program = "say((await client.withResponse(api.operations.addAnimal, { body: { kind: 'frog' } })).attempts);"

    output, requests = run(pond, program, Given(429, b'{"code": "BUSY"}'), Given(201, b'{"kind": "fish"}'))

    assert output == 2
    assert requests[0].headers["once-key"] == requests[1].headers["once-key"]
    assert requests[0].body == b'{"kind":"frog"}'


def test_a_request_whose_fate_is_open_is_never_sent_again(pond: Path) -> None:
    """A gateway that gives up says nothing of what the server behind it did."""
    output, requests = run(pond, "say((await caught(client.addPhoto({ body: { note: 'x' } }))).status);", Given(504, b""))

    assert output == 504
    assert len(requests) == 1


def test_an_outage_is_not_multiplied(pond: Path) -> None:
    """The retries of all calls come out of one quota."""
    program = "for (let call = 0; call < 40; call += 1) await caught(client.listAnimals()); say(null);"

    _, requests = run(pond, program, Given(503, b""), retry={"firstPause": 0, "backoffAttempts": 5, "boundedAttempts": 5})

    assert len(requests) <= 50


def test_a_kept_response_is_confirmed_without_a_body(pond: Path) -> None:
    """The second call gets it from what the first one received."""
    first = Given(200, b'{"items": [{"kind": "frog"}]}', {"Content-Type": "application/json", "ETag": '"one"'})
    program = """
    const one = await client.withResponse(api.operations.listAnimals, {});
    const two = await client.withResponse(api.operations.listAnimals, {});
    say([one.value, two.value, one.confirmed, two.confirmed]);
    """

    output, requests = run(pond, program, first, Given(304, b"", {"ETag": '"one"'}))

    assert output == [{"items": [{"kind": "frog"}]}, {"items": [{"kind": "frog"}]}, False, True]
    assert requests[1].headers["if-none-match"] == '"one"'


def test_bytes_that_are_confirmed_are_those_that_came(pond: Path) -> None:
    """Whatever a caller did to the ones that it got."""
    program = """
    const first = await client.getMap();
    first[0] = 1;
    say([...(await client.getMap())]);
    """

    output, _ = run(pond, program, Given(200, b"\x00\xff", {"ETag": '"one"'}), Given(304, b"", {"ETag": '"one"'}))

    assert output == [0, 255]


def test_items_come_page_by_page(pond: Path) -> None:
    """Each page is asked for by the cursor of the one before it."""
    pages = (b'{"items": [{"kind": "frog"}], "next": "2"}', b'{"items": [{"kind": "fish"}], "next": null}')
    program = (
        "const found = []; for await (const item of api.items(client, api.operations.listAnimals, {})) found.push(item.kind); say(found);"
    )

    output, requests = run(pond, program, *(Given(body=body) for body in pages))

    assert output == ["frog", "fish"]
    assert [request.target for request in requests] == ["/animals", "/animals?cursor=2"]


def test_a_cursor_that_comes_back_ends_the_walk_with_an_error(pond: Path) -> None:
    """Else it would never end."""
    program = "say((await caught((async () => { for await (const item of api.items(client, api.operations.listAnimals, {})); })())).name);"

    output, _ = run(pond, program, Given(body=b'{"items": [], "next": "1"}'))

    assert output == "InvalidAnswerError"


def test_a_job_is_followed_to_its_end(pond: Path) -> None:
    """A state without a result is an error of its own."""
    program = """
    const seen = [];
    const options = { onProgress: (status) => seen.push(status.percent) };
    const error = await caught(api.job(client, api.operations.getJob, { id: "a" }, options).wait());
    say([seen, error.name, error.state]);
    """

    output, _ = run(pond, program, Given(body=b'{"state": "running", "done": 40}'), Given(body=b'{"state": "failed", "done": 20}'))

    assert output == [[40, 40], "JobFailed", "failed"]


def test_a_path_and_a_query_of_one_name_are_two_arguments(pond: Path) -> None:
    """An operation named as a word of the language has an underscore; a basic credential is encoded."""
    output, (request,) = run(pond, "say((await client.delete_({ id: 'a/b', id_2: 'c' })) === undefined);", Given(204))

    assert output is True
    assert (request.method, request.target) == ("DELETE", "/animals/a%2Fb?id=c")
    assert request.headers["authorization"] == "Basic c2VjcmV0"


@pytest.mark.parametrize("value", ["", ".", ".."])
def test_a_path_value_that_leads_elsewhere_is_rejected(pond: Path, value: str) -> None:
    """Nothing is sent."""
    output, requests = run(pond, f"say((await caught(client.getJob({{ id: {json.dumps(value)} }}))).name);")

    assert output == "ArgumentError"
    assert requests == []


def test_a_file_is_a_part_of_its_form(pond: Path) -> None:
    """With its name and its media type."""
    program = """
    const photo = { content: new TextEncoder().encode("png"), filename: "a.png", media: "image/png" };
    say(await client.addPhoto({ body: { photo, note: "x" } }));
    """

    output, (request,) = run(pond, program, Given(body=b"thanks", headers={"Content-Type": "text/plain"}))

    assert output == "thanks"
    assert request.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert b'name="photo"; filename="a.png"\r\nContent-Type: image/png\r\n\r\npng\r\n' in request.body
    assert b'name="note"\r\n\r\nx\r\n' in request.body


def test_a_form_is_encoded_and_bytes_are_bytes(pond: Path) -> None:
    """Neither goes through JSON."""
    output, (request,) = run(pond, "say([...(await client.search({ body: { q: 'a&b c' } }))]);", Given(body=b"\x00\xff"))

    assert output == [0, 255]
    assert request.body == b"q=a%26b+c"


def test_events_are_read_as_they_come(pond: Path) -> None:
    """A comment is none, and an event may have several lines."""
    body = b": hello\r\nid: 7\r\nevent: tick\r\ndata: a\r\ndata: b\r\n\r\ndata: c\n\n"
    program = "const found = []; for await (const event of api.events(client, api.operations.watch, {})) found.push(event); say(found);"

    output, _ = run(pond, program, Given(body=body, headers={"Content-Type": "text/event-stream"}))

    assert output == [{"event": "tick", "data": "a\nb", "id": "7"}, {"event": "message", "data": "c", "id": "7"}]


def test_a_redirect_to_another_server_is_not_followed(pond: Path) -> None:
    """The credential goes nowhere else."""
    redirect = Given(302, b"", {"Location": "http://127.0.0.1:9/else"})

    output, requests = run(pond, "const error = await caught(client.listAnimals()); say([error.name, error.status]);", redirect)

    assert output == ["RedirectError", 302]
    assert len(requests) == 1


def test_an_aborted_call_rejects_with_the_reason(pond: Path) -> None:
    """It is no error of the network."""
    program = "say((await caught(client.listAnimals({}, { signal: AbortSignal.abort(new Error('bye')) }))).message);"

    output, requests = run(pond, program)

    assert output == "bye"
    assert requests == []


def test_a_call_ends_within_its_total_timeout(pond: Path) -> None:
    """A pause that the server asks for does not fit into it."""
    busy = Given(429, b'{"code": "BUSY"}', {"Retry-After": "30", "Content-Type": "application/json"})

    output, requests = run(pond, "say((await caught(client.listAnimals({}, { totalTimeout: 1000 }))).retryAfter);", busy)

    assert output == 30
    assert len(requests) == 1


def test_a_total_timeout_is_an_error_of_its_own(pond: Path) -> None:
    """Also when a timer ends a little before the clock says so, as it often does."""
    program = """
    const now = performance.now.bind(performance);
    performance.now = () => 0.9 * now();
    const fetch = (url, { signal }) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    const pond = (options) => new api.PondClient({ baseUrl: "http://pond.test", fetch, ...options });
    const called = async (options) => (await caught(pond(options).listAnimals())).name;
    say([await called({ totalTimeout: 50 }), await called({ timeout: 50, retry: api.NO_RETRY })]);
    """

    output, _ = run(pond, program)

    assert output == ["DeadlineExceeded", "TransportError"]


def test_types_tell_statuses_variants_and_mistakes_apart(pond: Path) -> None:
    """A known tag leaves its variant, and what the contract does not have is an error of the compiler."""
    program = """
import { PondClient, isFailure, operations, type types } from "./client/index.js";
const client = new PondClient({ baseUrl: "http://pond.test" });
export function fins(animal: types.Animal): number | undefined {
  return animal.kind === "fish" ? animal.fins : undefined;
}
export async function added(): Promise<string | undefined> {
  const reply = await client.withResponse(operations.addAnimal, { body: { kind: "fish" } });
  return reply.status === 202 ? reply.value.state : reply.value.kind;
}
export function words(animal: types.Animal): string {
  switch (animal.kind) {
    case "fish":
      return `${animal.fins ?? 0}`;
    case "frog":
      return "hop";
    default:
      return animal.kind;
  }
}
export const page: Promise<types.Page> = client.listAnimals();
// @ts-expect-error the contract has no such argument
void client.listAnimals({ color: "red" });
// @ts-expect-error a path value is needed
void client.getJob({});
void client.getMap({ since: new Date(), day: "2026-01-31" });
// @ts-expect-error a Date is a moment and no day
void client.getMap({ day: new Date() });
// @ts-expect-error a fish has no legs
export const legs = (animal: types.Fish): unknown => animal.legs;
void isFailure;
"""

    assert type_errors(pond, use=program) == ""
