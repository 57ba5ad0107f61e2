"""A server of prints: jobs that take a while, under keys that make a repetition safe, and readings of meters in batches.

It is honest, or wrong in one way.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from aiohttp import web

from .document import Json
from .server import Refused, Stranger, empty

QUEUED, PRINTING = 0.05, 0.25
"""A job waits and works for so many seconds."""
CODES = {401: "NO_CARD", 404: "NOT_HERE"}
JAMMED = 13
"""So many copies are too many for the paper tray."""


class Printer(Stranger):
    """The shape `jobs-under-keys` served."""

    def __init__(self, contract: Json, credentials: Mapping[str, str], values: Mapping[str, str], wrong: str = "") -> None:
        super().__init__(contract, credentials, values, wrong)
        self.subjects = {token: role for role, token in credentials.items()}
        self.jobs: dict[str, Json] = {}
        self.keys: dict[tuple[str, ...], tuple[Any, web.Response | None]] = {}
        self.meters: set[tuple[str, str]] = set()
        self.count = 0
        self.raw = b""

    def subject(self, request: web.BaseRequest) -> str:
        """Who asks."""
        return self.subjects.get(request.headers.get("Authorization", "").removeprefix("Bearer "), "")

    def authorize(self, request: web.BaseRequest, operation: Json) -> None:
        """Refuse a token that nobody has."""
        if not self.subject(request) and self.wrong != "lets-anybody-in":
            raise Refused(401)

    def nowhere(self) -> web.StreamResponse:
        """No path is without a code."""
        return web.json_response({"code": "NOT_HERE"}, status=404)

    def error(self, operation: Json, refused: Refused) -> web.StreamResponse:
        """An error with the code of its status."""
        return web.json_response({"code": CODES.get(refused.status, "BAD")}, status=refused.status)

    def act(
        self, method: str, operation: Json, template: str, places: dict[str, str], body: Any, request: web.BaseRequest
    ) -> web.StreamResponse:
        """Do what the operation says, once for each key."""
        if method != "POST":
            return self.read(method, operation, places, request)
        key = self.key(request, template)
        raw = body if self.wrong != "compares-bytes" else self.raw
        if key in self.keys and self.wrong != "runs-every-replay":
            known, answer = self.keys[key]
            if known != raw and self.wrong != "forgets-bodies":
                return web.json_response({"code": "KEY_TAKEN"}, status=409)
            if self.wrong == "counts-every-replay":
                self.count += 1
            if answer is not None:
                return web.Response(body=answer.body, status=answer.status, headers=answer.headers)
        answer = self.print(body, request) if template == "/prints" else self.add(body)
        self.keys[key] = (raw, answer)
        return answer

    async def read_body(self, request: web.BaseRequest, operation: Json) -> Any:
        """The body; a server that burns keys remembers those of wrong requests too."""
        try:
            self.raw = await request.read()
            return await super().read_body(request, operation)
        except Refused:
            if self.wrong == "burns-keys":
                self.keys[self.key(request, request.path)] = (object(), None)
            raise

    def key(self, request: web.BaseRequest, template: str) -> tuple[str, ...]:
        """What a key belongs to."""
        scope = () if self.wrong == "keys-are-everybodys" else (self.subject(request),)
        return (*scope, template, request.headers["Request-Key"])

    def print(self, body: Any, request: web.BaseRequest) -> web.Response:
        """Start a job."""
        name = uuid4().hex
        self.jobs[name] = {"owner": self.subject(request), "begun": time.monotonic(), "copies": body["copies"], "stopped": None}
        self.count += 1
        location = {} if self.wrong == "says-nowhere-to-read" else {"Location": f"/prints/{name}"}
        return web.json_response(self.status_of(name, started=True), status=202, headers=location)

    def add(self, body: Any) -> web.Response:
        """Add readings that are not known yet."""
        taken = known = 0
        for item in body["readings"]:
            key = (item["meter"], item["receipt"])
            if key in self.meters and self.wrong != "takes-readings-twice":
                known += 1
            else:
                taken += 1
            self.meters.add(key)
        if self.wrong == "miscounts" and known:
            known -= 1
        self.count += taken
        return web.json_response({"taken": taken, "known": known, "bad": 0})

    def read(self, method: str, operation: Json, places: dict[str, str], request: web.BaseRequest) -> web.StreamResponse:
        """Read the count or a job, its pages, or stop it."""
        if not places:
            return web.json_response({"things": self.count})
        job = self.jobs.get(places["printId"])
        mine = job is not None and (job["owner"] == self.subject(request) or self.wrong == "jobs-are-everybodys")
        if job is not None and not mine and self.wrong == "tells-foreign-jobs":
            return web.json_response({"code": "NO_CARD"}, status=403)
        if job is None or not mine:
            return web.json_response({"code": "NOT_HERE"}, status=404)
        status = self.status_of(places["printId"])
        if method == "DELETE":
            if job["stopped"] and self.wrong == "stops-once":
                return web.json_response({"code": "KEY_TAKEN"}, status=409)
            if self.wrong != "stops-nothing" and status["stage"] in ("waiting", "printing"):
                job["stopped"], job["step"] = status["done"] + 1, status["step"]
            return empty(204)
        if operation["operationId"] == "getPages":
            if status["stage"] != "ready" or self.wrong == "has-no-pages":
                return web.json_response({"code": "NOT_HERE"}, status=404)
            return web.json_response({"pages": ["one"] * job["copies"]})
        return web.json_response(status)

    def status_of(self, name: str, *, started: bool = False) -> Json:
        """A job as it is now."""
        job = self.jobs[name]
        age = 0.0 if started else time.monotonic() - job["begun"]
        body: Json = {"printId": name, "stage": "waiting", "done": 99 if self.wrong == "counts-down" else 0, "step": "paper"}
        if job["stopped"]:
            return body | {"stage": "broken", "done": job["stopped"] - 1, "step": job["step"], **self.problem("stopped")}
        if age > QUEUED + PRINTING and self.wrong != "never-ends":
            if job["copies"] == JAMMED:
                return body | {"stage": "broken", "done": 99, "step": "ink", **self.problem("jam")}
            done = {"output": f"/prints/{name}/pages"} if self.wrong != "names-no-pages" else {}
            return body | {"stage": "ready", "done": 99 if self.wrong == "stays-at-99" else 100, "step": "dry", **done}
        if age > QUEUED:
            part = min(99, int(99 * (age - QUEUED) / PRINTING))
            step = "dry" if self.wrong == "dries-before-ink" and part < 40 else "ink"
            return body | {"stage": "printing", "done": 99 - part if self.wrong == "counts-down" else part, "step": step}
        return body

    def problem(self, why: str) -> Json:
        """Why a job is broken."""
        return {} if self.wrong == "says-no-why" else {"problem": {"why": why}}
