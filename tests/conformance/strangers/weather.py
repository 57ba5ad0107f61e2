"""A server whose responses state when they were generated, honest or wrong in one way."""

from __future__ import annotations

import datetime as dt
import math
import time
from collections.abc import Mapping
from email.utils import formatdate

from aiohttp import web

from .document import Json
from .server import Refused, Stranger

HOUR = 3600.0
LASTS_SECONDS = 2.0


class Weather(Stranger):
    """The shape `a-time-of-generation` served.

    Honest are `runs-an-hour-ahead` (its whole clock does) and `keeps-a-list` (for two seconds, where three are allowed).
    """

    def __init__(self, contract: Json, credentials: Mapping[str, str], values: Mapping[str, str], wrong: str = "") -> None:
        super().__init__(contract, credentials, values, wrong)
        self.kept = time.time()

    def act(
        self, method: str, operation: Json, template: str, places: Mapping[str, str], body: object, request: web.BaseRequest
    ) -> web.StreamResponse:
        """A list, or one station."""
        shift = {"is-an-hour-ahead": HOUR, "runs-an-hour-ahead": HOUR, "is-a-day-old": -24 * HOUR}.get(self.wrong, 0.0)
        lasts = {"stands-still": math.inf, "keeps-a-list": LASTS_SECONDS if template == "/stations" else 0.0}.get(self.wrong, 0.0)
        if time.time() - self.kept > lasts:
            self.kept = time.time()
        now = self.kept + shift
        headers = {"Cache-Control": "no-store"}
        if self.wrong == "runs-an-hour-ahead":
            headers["Date"] = formatdate(now, usegmt=True)
        if template == "/stations":
            stated = dt.datetime.fromtimestamp(now, dt.UTC).isoformat().replace("+00:00", "Z")
            return web.json_response({"meta": {"generatedAt": stated}, "stations": list(self.values.values())}, headers=headers)
        if places["name"] not in self.values.values():
            raise Refused(404)
        return web.json_response({"name": places["name"], "generated": int(now)}, headers=headers)
