"""A server of any contract of `shapes.yaml`: it keeps what is created, and can be made wrong in one way.

It shares nothing with the kit. What a contract leaves open is answered in the plainest way.
"""

from __future__ import annotations

import base64
import contextlib
import itertools
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs

from aiohttp import WSMsgType, web

from .document import Document, Json, filled


class Refused(Exception):
    """The request is answered with an error."""

    def __init__(self, status: int, what: str = "") -> None:
        super().__init__(what)
        self.status = status


class Stranger:
    """One contract served. `wrong` names the one way in which it is not honest; empty for a right server."""

    def __init__(self, contract: Json, credentials: Mapping[str, str], values: Mapping[str, str], wrong: str = "") -> None:
        self.document, self.values, self.wrong = Document(contract), values, wrong
        self.good, self.poor = credentials.get("primary", ""), credentials.get("unscoped", "")
        self.things: dict[str, dict[str, Json]] = {}
        self.names = itertools.count(1)

    # HTTP

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """The answer to any request."""
        if "asyncapi" in self.document.content:
            return await self.feed(request)
        if self.wrong == "says-yes-to-everything":
            return web.json_response({})
        if self.wrong == "answers-html":
            return web.Response(text="<html>Welcome</html>", content_type="text/html")
        if self.wrong == "lets-nobody-in":
            return empty(401)
        found = self.document.find(request.method, request.raw_path.partition("?")[0])
        if found is None:
            return self.nowhere()
        operation, template, places = found
        try:
            self.authorize(request, operation)
            if self.wrong != "accepts-anything":
                self.check_parameters(request, operation, template, places)
            body = await self.read_body(request, operation)
            return self.act(request.method, operation, template, places, body, request)
        except Refused as refused:
            if self.wrong == "breaks-on-wrong-requests" and refused.status in (400, 422):
                return web.Response(status=500, text="Traceback (most recent call last)")
            return self.error(operation, refused)

    def nowhere(self) -> web.StreamResponse:
        """The answer where no operation is."""
        return empty(404)

    def authorize(self, request: web.BaseRequest, operation: Json) -> None:
        """Refuse who has no credential, or one without a scope."""
        security = operation.get("security", self.document.content.get("security", []))
        if not security or self.wrong == "lets-anybody-in":
            return
        (name, scopes), *_ = security[0].items()
        scheme = self.document.content["components"]["securitySchemes"][name]
        header = request.headers.get("Authorization", "")
        if scheme["type"] == "apiKey":
            carried = (request.query if scheme["in"] == "query" else request.headers).get(scheme["name"], "")
        elif scheme.get("scheme") == "basic":
            carried = base64.b64decode(header.removeprefix("Basic ").encode() or b"").decode("utf-8", "replace")
        else:
            carried = header.removeprefix("Bearer ")
        if carried == self.poor and carried and scopes and self.wrong != "forgets-scopes":
            raise Refused(403)
        known = carried and carried in (self.good, self.poor)
        known = known or (self.wrong == "compares-beginnings" and self.good and carried.startswith(self.good))
        if not known and not (carried and self.wrong == "takes-any-token"):
            raise Refused(401)

    def check_parameters(self, request: web.BaseRequest, operation: Json, template: str, places: dict[str, str]) -> None:
        """Refuse a parameter that is missing or does not fit its schema."""
        for item in operation["parameters"]:
            name, schema = item["name"], item["schema"]
            if item["in"] == "path":
                texts = [places[name]]
            elif item["in"] == "header":
                texts = [request.headers[name]] if name in request.headers else []
            else:
                texts = request.query.getall(name, [])
            if not texts:
                if item.get("required"):
                    raise Refused(400, name)
                continue
            if schema.get("type") == "array":
                self.expect(schema, [self.document.read(text, schema["items"]) for text in texts])
            else:
                self.expect(schema, self.document.read(texts[-1], schema))

    async def read_body(self, request: web.BaseRequest, operation: Json) -> Any:
        """The body; refused when it does not fit its schema."""
        declared = operation.get("requestBody")
        if declared is None:
            return None
        raw = await request.read()
        ((media_type, content),) = declared["content"].items()
        if self.wrong == "accepts-anything":
            return {}
        if not raw:
            raise Refused(400, "no body")
        if request.content_type != media_type:
            raise Refused(415 if "415" in operation["responses"] else 400, "media type")
        if media_type.endswith("json"):
            try:
                value = json.loads(raw)
            except ValueError:
                raise Refused(400, "no JSON") from None
        else:
            schema = self.document.resolved(content["schema"])
            pairs = parse_qs(raw.decode(), keep_blank_values=True)
            value = {name: self.document.read(found[-1], schema["properties"].get(name, {})) for name, found in pairs.items()}
        self.expect(content["schema"], value)
        return value

    def act(
        self, method: str, operation: Json, template: str, places: dict[str, str], body: Any, request: web.BaseRequest
    ) -> web.StreamResponse:
        """Do what an operation does to the things that are kept."""
        collection, _, name = template.rpartition("/")
        own = name.startswith("{")
        kept = self.things.setdefault(filled(collection if own else template, places), {})
        if method == "POST" and not own and template.endswith("/wash"):
            self.expect_known(places)
        elif method == "POST" and not own:
            thing = self.make(operation, template, body)
            if self.wrong != "keeps-no-creation":
                kept[str(self.identity_of(thing))] = self.with_another_text(thing, body) if self.wrong == "creates-another" else thing
            return self.success(operation, thing, template)
        elif own:
            thing = self.thing(kept, template, places)
            if method == "DELETE" and self.wrong != "deletes-nothing":
                kept.pop(places[name[1:-1]], None)
            elif method in ("PUT", "PATCH") and isinstance(body, dict):
                thing = self.changed(thing, body, operation)
            return self.success(operation, thing, template)
        elif "x-pagination" in operation:
            return self.page(operation, kept, request)
        elif method == "GET" and any(path.startswith(template + "/{") for path in self.document.paths):
            return self.success(operation, list(kept.values()) or self.samples(template, kept), template)
        return self.success(operation, None, template)

    def changed(self, thing: Json, body: Json, operation: Json) -> Json:
        """The thing with a change; a server that forgets changes shows it and keeps the old one."""
        if self.wrong == "forgets-changes":
            return {**thing, **body}
        if self.wrong == "loses-what-is-not-sent":
            (content,) = operation["requestBody"]["content"].values()
            for name in set(self.document.resolved(content["schema"])["properties"]) - set(body):
                thing.pop(name, None)
        thing.update({name: value for name, value in body.items() if self.wrong != "forgets-notes" or name != "note"})
        return thing

    @staticmethod
    def with_another_text(thing: Json, body: Any) -> Json:
        """The thing with another string for the first that was sent and is no choice."""
        name = next((name for name in ("title", "note") if isinstance(body, dict) and name in body), "")
        return {**thing, name: "something else"} if name else thing

    def page(self, operation: Json, kept: dict[str, Json], request: web.BaseRequest) -> web.StreamResponse:
        """One page of a list by its cursor."""
        spec = operation["x-pagination"]
        if not kept:
            kept.update({f"{number:013}": {"isbn": f"{number:013}"} for number in range(23)})
        names = sorted(kept, reverse=self.wrong == "sorts-the-other-way")
        size = int(request.query.getall("limit", [spec["size"]["default"]])[-1])
        after = request.query.get("after", "")
        if after:
            names = [item for item in names if item > after]
        page, more = names[:size], len(names) > size
        if self.wrong == "repeats-an-item" and after and page:
            page = [after, *page[:-1]] if more else [after, *page]
        return web.json_response({"books": [kept[item] for item in page], "next": page[-1] if more else None})

    def expect_known(self, places: dict[str, str]) -> None:
        """Refuse a name in the path that nobody stated."""
        if any(self.values.get(name) != value for name, value in places.items()) and self.wrong != "knows-every-name":
            raise Refused(404)

    def thing(self, kept: dict[str, Json], template: str, places: dict[str, str]) -> Json:
        """The thing that a path names."""
        name = places[template.rpartition("{")[2][:-1]]
        parent = template.rpartition("/")[0]
        if not kept and parent in self.document.paths and "post" not in self.document.paths[parent]:
            self.samples(parent, kept)
        if name not in kept:
            if self.wrong == "knows-every-name":
                return {}
            raise Refused(404 if "404" in self.document.responses(template) else 422)
        return kept[name]

    def samples(self, template: str, kept: dict[str, Json]) -> list[Json]:
        """Three things of a list that nothing creates."""
        operation = self.document.paths[template]["get"]
        schema = self.document.resolved(self.document.success_schema(operation) or {})
        if schema.get("type") != "array":
            schema = next(
                (part for part in map(self.document.resolved, schema.get("properties", {}).values()) if part.get("type") == "array"), {}
            )
        if "post" not in self.document.paths[template]:
            for word in ("one", "two", "three"):
                thing = self.document.sample(schema.get("items", {}), word)
                if isinstance(thing, dict):
                    kept[str(self.identity_of(thing))] = thing
        return list(kept.values())

    def make(self, operation: Json, template: str, body: Any) -> Json:
        """A new thing: what was sent, and a name."""
        schema = self.document.resolved(
            self.document.success_schema(operation) or self.document.success_schema(self.document.reading(template)) or {}
        )
        if set(schema.get("properties", {})) == {"data"}:
            schema = self.document.resolved(schema["properties"]["data"])
        thing = self.document.sample(schema, str(next(self.names)))
        thing = {**(thing if isinstance(thing, dict) else {}), **(body if isinstance(body, dict) else {})}
        for name in ("id", "petId", "orderId", "todo_id"):
            if name in thing:
                kind = self.document.resolved(schema["properties"][name]).get("type")
                thing[name] = next(self.names) if kind == "integer" else f"n{next(self.names)}"
        return thing

    @staticmethod
    def identity_of(thing: Json) -> Any:
        """The name of a thing."""
        return next((thing[name] for name in ("id", "petId", "orderId", "isbn", "code") if name in thing), "")

    def success(self, operation: Json, value: Any, template: str) -> web.StreamResponse:
        """The declared success with this value, or a sample of its schema where there is none."""
        status = next(status for status in operation["responses"] if status.startswith("2"))
        headers = {name: f"{template}/{self.identity_of(value)}" for name in operation["responses"][status].get("headers", {})}
        schema = self.document.success_schema(operation)
        if self.wrong == "declares-another-status":
            status = "299"
        if schema is None:
            return empty(int(status), headers)
        known = self.document.resolved(schema)
        if value is None:
            value = self.document.sample(schema, "one")
        elif known.get("type") == "object" and isinstance(value, list):
            value = {next(iter(known["properties"])): value}
        elif known.get("type") == "object" and set(known["properties"]) == {"data"}:
            value = {"data": value}
        if isinstance(value, dict) and "secret" in value:
            value = {name: item for name, item in value.items() if name != "secret"}
        if self.wrong == "breaks-its-schema":
            value = {"strange": True} if isinstance(value, list) else ["strange"]
        return web.json_response(value, status=int(status), headers=headers)

    def error(self, operation: Json, refused: Refused) -> web.StreamResponse:
        """An error in the form that the operation declares."""
        wanted = [str(refused.status)] if refused.status not in (400, 422) else ["400", "422", "404"]
        status = next((name for name in wanted if name in operation["responses"]), wanted[0])
        contents: list[Json] = list(operation["responses"].get(status, {}).get("content", {}).values())
        schema: Json | None = contents[0].get("schema") if contents else None
        if schema is None:
            return empty(int(status))
        body = self.document.sample(schema, str(refused) or "wrong")
        for holder in (body, body.get("error")) if isinstance(body, dict) else ():
            if isinstance(holder, dict) and "code" in holder:
                holder["code"] = "WRONG" if self.wrong == "answers-another-code" else "BAD"
        return web.json_response(body, status=int(status))

    def expect(self, schema: Json, value: Any) -> None:
        """Refuse a value that does not fit a schema."""
        if not self.document.fits(schema, value):
            raise Refused(400, "does not fit")

    # feeds

    async def feed(self, request: web.BaseRequest) -> web.StreamResponse:
        """A session of the one channel."""
        (channel,) = self.document.content["channels"].values()
        if request.path != channel["address"]:
            return empty(404)
        secured = any(server.get("security") for server in self.document.content.get("servers", {}).values())
        carried = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if secured and carried != self.good and self.wrong != "lets-anybody-in":
            return empty(401)
        session = web.WebSocketResponse()
        await session.prepare(request)
        for name in self.spoken(channel):
            await session.send_json(self.message(channel["messages"][name]["payload"]))
        async for message in session:
            if message.type == WSMsgType.TEXT and "pong" in channel["messages"]:
                with contextlib.suppress(ValueError):
                    sent = json.loads(message.data)
                    if isinstance(sent, dict) and sent.get("kind") == "ping" and isinstance(sent.get("id"), int):
                        await session.send_json({"kind": "pong", "id": sent["id"]})
        return session

    def spoken(self, channel: Json) -> Iterator[str]:
        """The messages that a session begins with."""
        yield from (name for name in channel["messages"] if name not in ("ping", "pong"))

    def message(self, schema: Json) -> Any:
        """A message of a schema."""
        if self.wrong == "breaks-its-schema":
            return {"kind": "strange"}
        return self.document.sample(schema, "word")


def empty(status: int, headers: Mapping[str, str] | None = None) -> web.Response:
    """An answer without a body and its media type."""
    answer = web.Response(status=status, headers=headers)
    answer.headers.popall("Content-Type", None)
    return answer


@contextlib.asynccontextmanager
async def serving(stranger: Stranger) -> AsyncIterator[str]:
    """Serve on a port of its own while the block runs; gives the address."""
    runner = web.ServerRunner(web.Server(stranger.answer), shutdown_timeout=0.5)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
