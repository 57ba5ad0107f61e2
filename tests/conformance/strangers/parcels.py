"""A server of a list by offset, with a total, filters, orders, tags and changes; honest, or wrong in one way that its schemas allow."""

from __future__ import annotations

import hashlib
import itertools
import json
import random
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from .document import Json
from .server import Refused, Stranger, empty

STATES = ("packed", "sent", "lost")
SAMPLE = 23


class Parcels(Stranger):
    """The shape `pages-by-offset-with-a-total` served.

    Honest are `gives-absolute-locations`, `leaves-null-out` (a property that is null is not there), `says-more-than-declared` and
    `gives-weak-tags`.
    """

    def __init__(self, contract: Json, credentials: Mapping[str, str], values: Mapping[str, str], wrong: str = "") -> None:
        super().__init__(contract, credentials, values, wrong)
        self.numbers = itertools.count(1)
        self.parcels: dict[str, Json] = {}
        self.dropped: dict[str, Json] = {}
        for place in range(SAMPLE):
            self.add({"weight": 1 + place % 5, "state": STATES[place % 3]})

    def add(self, body: Json) -> Json:
        """A new parcel."""
        name = f"p{next(self.numbers):06}"
        self.parcels[name] = {"parcelId": name, "note": None, **body}
        return self.parcels[name]

    def nowhere(self) -> web.StreamResponse:
        """No path is without a code."""
        return web.json_response({"code": "GONE"}, status=404)

    def error(self, operation: Json, refused: Refused) -> web.StreamResponse:
        """An error with the code of its status."""
        return web.json_response(
            {"code": "GONE" if refused.status == 404 else "BAD" if self.of_parameter(refused) else "WRONG_BODY"}, status=refused.status
        )

    @staticmethod
    def of_parameter(refused: Refused) -> bool:
        """Whether a parameter was wrong, and not the body."""
        return str(refused).startswith("parameter")

    def check_parameters(self, request: web.BaseRequest, operation: Json, template: str, places: dict[str, str]) -> None:
        """The filter is an object of its own."""
        plain = {**operation, "parameters": [item for item in operation["parameters"] if item.get("style") != "deepObject"]}
        try:
            super().check_parameters(request, plain, template, places)
        except Refused as refused:
            raise Refused(refused.status, f"parameter {refused}") from None
        for name, value in request.query.items():
            if name.startswith("only") and (name != "only[state]" or value not in STATES):
                raise Refused(400, f"parameter {name}")

    def act(
        self, method: str, operation: Json, template: str, places: dict[str, str], body: Any, request: web.BaseRequest
    ) -> web.StreamResponse:
        """A list, a new parcel, or one that is there."""
        if template == "/parcels":
            return self.created(body, request) if method == "POST" else self.listed(request)
        name = places["parcelId"]
        if name not in self.parcels:
            raise Refused(404)
        if method == "DELETE":
            self.dropped[name] = self.parcels.pop(name)
            return empty(204)
        if method == "PATCH":
            self.patch(name, body)
        return self.shown(self.parcels[name], request, tagged=method == "GET")

    def created(self, body: Any, request: web.BaseRequest) -> web.StreamResponse:
        """The parcel that was sent, and where it is."""
        parcel = self.add(body)
        name = "p000001" if self.wrong == "tells-the-location-of-another" else parcel["parcelId"]
        if self.wrong == "creates-twice":
            self.add(body)
        base = f"http://{request.host}" if self.wrong == "gives-absolute-locations" else ""
        return web.json_response(self.written(parcel), status=201, headers={"Location": f"{base}/parcels/{name}"})

    def patch(self, name: str, body: Any) -> None:
        """The parcel with a change."""
        change = {key: value for key, value in body.items() if value is not None or self.wrong != "ignores-null"}
        self.parcels[name] = {**self.parcels[name], **change}
        if self.wrong == "changes-its-neighbour":
            other = next(item for item in self.parcels if item != name)
            self.parcels[other] = {**self.parcels[other], **change}

    def shown(self, parcel: Json, request: web.BaseRequest, *, tagged: bool) -> web.StreamResponse:
        """One parcel, with its tag."""
        shown = self.written(parcel)
        if not tagged:
            return web.json_response(shown)
        seen = {"tag-of-its-kind": "", "tag-stands-after-a-change": parcel["parcelId"]}.get(self.wrong, json.dumps(shown))
        tag = ("W/" if self.wrong == "gives-weak-tags" else "") + f'"{hashlib.sha256(seen.encode()).hexdigest()[:12]}"'
        headers = {"ETag": tag, "Cache-Control": "private, max-age=0"}
        sent = request.headers.get("If-None-Match", "")
        if sent == "*" or tag.removeprefix("W/") in sent:
            return empty(304, headers)
        return web.json_response(shown, headers=headers)

    def written(self, parcel: Json) -> Json:
        """A parcel as a body."""
        if self.wrong == "leaves-null-out":
            return {key: value for key, value in parcel.items() if value is not None}
        return {**parcel, "colour": "brown"} if self.wrong == "says-more-than-declared" else parcel

    def listed(self, request: web.BaseRequest) -> web.StreamResponse:
        """One page."""
        sent = {name: request.query.getall(name)[-1] for name in request.query}
        skip, take = int(sent.get("skip", "0")), int(sent.get("take", "5"))
        state, sort = sent.get("only[state]"), sent.get("sort", "id")
        kept = {**self.parcels, **(self.dropped if self.wrong == "lists-what-was-dropped" else {})}
        if self.wrong == "forgets-what-is-new-in-lists":
            kept = dict(list(kept.items())[:SAMPLE])
        if self.wrong == "filters-in-any-way":
            state = state if state != "lost" else None
        found = [item for item in kept.values() if state is None or item["state"] == state]
        total = len(kept) if self.wrong == "total-ignores-the-filter" else len(found)
        found.sort(key=lambda item: item["parcelId"])
        if self.wrong == "sorts-unstably" and sort != "id":
            random.Random().shuffle(found)
        if sort != "id":
            found.sort(key=lambda item: item["weight"], reverse=sort.startswith("-"))
        if self.wrong == "skips-one-between-pages" and skip:
            skip += 1
        if self.wrong == "repeats-one-between-pages" and skip:
            skip -= 1
        page = found[skip : skip + take]
        if self.wrong == "filters-a-page-after-it-is-cut":
            everything = sorted(kept.values(), key=lambda item: item["parcelId"])[skip : skip + take]
            page = [item for item in everything if state is None or item["state"] == state] if state else page
        if self.wrong == "total-is-that-of-the-page":
            total = len(page)
        if self.wrong == "total-stands":
            total = SAMPLE
        return web.json_response({"parcels": [self.written(item) for item in page], "total": total})
