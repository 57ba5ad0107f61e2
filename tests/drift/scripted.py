"""Small servers on real sockets: a shop and a chat room, which keep their contracts unless they are told not to."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from assay_contracts import Contract, load_contract
from websockets.sync.server import ServerConnection, serve

SHOP, CHAT = Path(__file__).with_name("shop.yaml"), Path(__file__).with_name("chat.yaml")
TOKEN = "a-token-that-nobody-may-see"
COLOURS = ("red", "green", "blue")
SECRET_VALUE = "ada@example.test"

Answer = tuple[int, dict[str, str], Any]
"""Status, headers, and a body that is written as JSON unless it is text."""
Edit = Callable[[str, str, Answer], Answer]


def shop_contract() -> Contract:
    """The contract of the shop."""
    return load_contract(SHOP)


def products(count: int = 45) -> list[dict[str, Any]]:
    """The goods of the shop."""
    return [
        {"sku": f"AB-{number:04d}", "name": f"Mug {number:02d}", "colour": COLOURS[number % 3], "price": 1.5 + number}
        for number in range(count)
    ]


class Shop:
    """A shop that keeps its contract; `edit` changes each answer by method and path."""

    def __init__(self, edit: Edit = lambda method, path, answer: answer, goods: list[dict[str, Any]] | None = None) -> None:
        self.edit = edit
        self.goods = products() if goods is None else goods
        self.documents: dict[str, Any] = {}
        self.requests: list[str] = []
        self.methods: list[str] = []

    def answer(self, method: str, target: str, token: str | None) -> Answer:
        """The answer to one request, edited."""
        path = urlsplit(target).path
        self.requests.append(target)
        self.methods.append(method)
        return self.edit(method, path, self.honest(method, path, parse_qs(urlsplit(target).query), token))

    def honest(self, method: str, path: str, query: dict[str, list[str]], token: str | None) -> Answer:
        """The answer that the contract asks for."""
        if path in self.documents:
            return 200, {}, self.documents[path]
        if token != TOKEN:
            return problem(401, "NO_TOKEN", **{"WWW-Authenticate": "Bearer"})
        if (method, path) != ("GET", "/products"):
            return 404, {}, {"title": "no such thing"}
        unknown = set(query) - {"offset", "limit", "order", "where[colour]"}
        try:
            offset, limit = (int(query.get(name, [default])[0]) for name, default in (("offset", "0"), ("limit", "20")))
        except ValueError:
            return problem(400, "BAD_QUERY")
        order, colour = query.get("order", ["name"])[0], query.get("where[colour]", [""])[0]
        if unknown or order not in ("price", "-price", "name") or colour not in ("", *COLOURS) or not 0 <= offset <= 100000:
            return problem(400, "BAD_QUERY")
        if not 1 <= limit <= 100:
            return problem(400, "BAD_PAGE")
        found = [item for item in self.goods if colour in ("", item["colour"])]
        found.sort(key=lambda item: item[order.removeprefix("-")], reverse=order.startswith("-"))
        headers = {"ETag": '"p1"', "Cache-Control": "private, max-age=60"}
        return 200, headers, {"products": found[offset : offset + limit], "total": len(found)}


def problem(status: int, code: str, **headers: str) -> Answer:
    """A refusal as the shop's contract has it."""
    body = {"type": "about:blank", "title": code.title(), "status": status, "detail": "because", "code": code, "retryable": False}
    return status, {"Content-Type": "application/problem+json", **headers}, body


@contextmanager
def running(shop: Shop) -> Iterator[str]:
    """The address of a shop that listens while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def respond(self) -> None:
            token = (self.headers.get("Authorization") or "").removeprefix("Bearer ") or None
            status, headers, body = shop.answer(self.command, self.path, token)
            content = (body if isinstance(body, str) else json.dumps(body)).encode()
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = respond  # noqa: N815 - the names that http.server looks for

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


@contextmanager
def chatting(*messages: Any, close: int | None = None) -> Iterator[str]:
    """The address of a chat room that says these messages to everybody, and closes with a code when it is told one."""

    def talk(connection: ServerConnection) -> None:
        for message in messages:
            connection.send(message if isinstance(message, str) else json.dumps(message))
        if close is not None:
            connection.close(close)
        else:
            for _ in connection:
                pass

    with serve(talk, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.socket.getsockname()[1]}"
        finally:
            server.shutdown()
            thread.join(5)


def record(path: Path, address: str, targets: list[str], *, token: str | None = None) -> Path:
    """A recording, as a browser writes it, of what a client with that token is answered; the browser's own token stands in it."""
    entries: list[dict[str, Any]] = []
    for target in targets:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        answer = httpx.get(address + target, headers=headers, trust_env=False)
        entries.append(
            {
                "request": {"method": "GET", "url": address + target, "headers": [{"name": "Authorization", "value": f"Bearer {TOKEN}"}]},
                "response": {
                    "status": answer.status_code,
                    "headers": [{"name": name, "value": value} for name, value in answer.headers.items()],
                    "content": {"mimeType": answer.headers["content-type"], "text": answer.text},
                },
            }
        )
    path.write_text(json.dumps({"log": {"version": "1.2", "entries": entries}}), "utf-8")
    return path
