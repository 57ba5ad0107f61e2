"""A client of the lamps with the standard library alone: careful, or careless in one way (the first argument)."""

from __future__ import annotations

import http.client
import json
import os
import socket
import sys
import time
import urllib.parse
from typing import Any

CARELESS = sys.argv[1] if len(sys.argv) > 1 else ""
BASE = urllib.parse.urlsplit(os.environ["ASSAY_BASE_URL"])
TOKEN = os.environ["ASSAY_TOKEN"]
PATHS = {"listLamps": ("GET", "/lamps"), "addLamp": ("POST", "/lamps")}
ENDS = time.monotonic() + float(os.environ["ASSAY_SECONDS"]) * 0.5


class Failure(Exception):
    """An error with its status and code, where there are any."""

    def __init__(self, status: int | None = None, code: str | None = None) -> None:
        self.status, self.code = status, code


def exchange(method: str, path: str, address: urllib.parse.SplitResult = BASE, *, carries: bool = True) -> tuple[int, Any, bytes]:
    """One request, read to its end or to the end of its time."""
    connection = http.client.HTTPConnection(address.netloc, timeout=None if CARELESS == "waits" else 1.0)
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {TOKEN}"} if carries else {})
    if CARELESS == "token-in-url":
        path += f"{'&' if '?' in path else '?'}token={TOKEN}"
    connection.request(method, path, body=os.environ.get("ASSAY_BODY") if method == "POST" else None, headers=headers)
    response = connection.getresponse()
    body = b""
    while part := response.read1():
        body += part
        if time.monotonic() > ENDS and CARELESS != "waits":
            raise Failure
    if response.length:
        raise Failure
    return response.status, response.headers, body


def call(extra: dict[str, str]) -> Any:
    """One call, tried again where that is allowed."""
    method, path = PATHS[os.environ["ASSAY_OPERATION"]]
    query = urllib.parse.urlencode({**json.loads(os.environ["ASSAY_PARAMETERS"]), **extra})
    path += f"?{query}" if query else ""
    for attempt in range(3 if method == "GET" or CARELESS == "repeats-writes" else 1):
        try:
            status, headers, body = exchange(method, path)
        except (http.client.HTTPException, OSError):
            continue
        if status in (429, 503) and attempt < 2:
            time.sleep(0 if CARELESS == "hurries" else float(headers.get("Retry-After", 0.1)))
            continue
        if status == 502 and CARELESS == "repeats-writes":
            continue
        if status in (307, 308):
            status, headers, body = exchange(method, path, urllib.parse.urlsplit(str(headers["Location"])), carries=CARELESS == "follows")
        if status >= 400:
            raise Failure(status, code_in(body))
        return read(body)
    raise Failure(503 if method == "GET" else None)


def read(body: bytes) -> Any:
    """A body as JSON, with its required properties."""
    try:
        value = json.loads(body)
    except ValueError:
        raise Failure from None
    if CARELESS != "trusts" and ("items" not in value or "next" not in value) and os.environ["ASSAY_OPERATION"] == "listLamps":
        raise Failure
    return value


def code_in(body: bytes) -> str | None:
    """The code of an error body."""
    try:
        return str(json.loads(body)["code"])
    except (ValueError, KeyError, TypeError):
        return None


def walk() -> list[Any]:
    """Every item of a list, once."""
    found: list[Any] = []
    seen: set[str] = set()
    page = call({})
    while True:
        found += [item[os.environ["ASSAY_IDENTITY"]] for item in page.get("items", [])]
        following = page.get("next")
        if not following:
            return found
        if following in seen and CARELESS != "turns":
            raise Failure
        seen.add(following)
        try:
            page = call({"cursor": following})
        except Failure:
            if CARELESS == "gives-up-quietly":
                return found
            raise


socket.setdefaulttimeout(1.0)
try:
    answer: dict[str, Any] = {"outcome": "value"}
    if os.environ["ASSAY_TASK"] == "list":
        answer["items"] = walk()
    else:
        call({})
except Failure as failure:
    answer = {"outcome": "error", "status": failure.status, "code": failure.code}
except OSError:
    answer = {"outcome": "error"}
print("a line of a log")
print(json.dumps(answer))
