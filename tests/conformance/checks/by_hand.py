"""Evidence written by hand: a small library's contract, and the verdict of the judge over a few records."""

from __future__ import annotations

import copy
import dataclasses
import itertools
from typing import Any, TypeGuard

import orjson
from assay_conformance.evidence import (
    Act,
    Evidence,
    Exchange,
    FaultRun,
    FeedSession,
    Frame,
    Journal,
    Provenance,
    Record,
    Refusal,
    Rejoin,
    Request,
    Response,
    Resumption,
    Resync,
    Split,
    Walk,
    Watch,
)
from assay_conformance.judging import judge
from assay_contracts import Contract, parse_bundle

BOOKS, VISITS, STATE, FEED = "listBooks", "countVisits", "readLoans", "loans"
_PATHS = {BOOKS: "/books", VISITS: "/visits", STATE: "/loans"}
_IDS = itertools.count(1)

_ERROR: dict[str, Any] = {
    "type": "object",
    "required": ["code", "status", "kind", "retry"],
    "properties": {"code": {"type": "string"}, "status": {"type": "integer"}, "kind": {"type": "string"}, "retry": {"type": "boolean"}},
}


def _answers(schema: dict[str, Any]) -> dict[str, Any]:
    def answer(content: dict[str, Any]) -> dict[str, Any]:
        return {"description": "An answer.", "content": {"application/json": {"schema": content}}}

    return {"200": answer(schema), **{status: answer(_ERROR) for status in ("400", "401", "403", "503")}}


_NUMBER = {"type": "integer", "minimum": 0}
_BOOKS = {
    "type": "object",
    "required": ["books", "next"],
    "properties": {"library": {"type": "string"}, "books": {"type": "array"}, "next": {"type": ["string", "null"]}},
}
_VISITS = {
    "type": "object",
    "required": ["visits"],
    "properties": {"visits": _NUMBER, "loans": _NUMBER, "share": {"type": "number"}},
}
_LOANS = {"type": "object", "required": ["seq", "loans"], "properties": {"seq": _NUMBER, "loans": {"type": "array"}}}
OPENAPI: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Library", "version": "1.0.0"},
    "x-error-taxonomy": {
        "envelope": {"code": "/code", "status": "/status", "category": "/kind", "retryable": "/retry"},
        "categories": {
            "input": {"retry": "none", "shows": "What is wrong."},
            "access": {"retry": "none", "shows": "The entrance."},
            "crowd": {"retry": "bounded", "shows": "A queue."},
        },
        "codes": {
            "BAD_PAGE": {"category": "input", "status": 400, "retryable": False, "provoke": {"request": "bad-page-size"}},
            "BAD_SPAN": {"category": "input", "status": 400, "retryable": False, "provoke": {"request": "bad-window"}},
            "NO_CARD": {"category": "access", "status": 401, "retryable": False, "provoke": {"request": "no-credential"}},
            "NOT_YOURS": {"category": "access", "status": 403, "retryable": False, "provoke": {"request": "foreign-tenant"}},
            "CROWDED": {"category": "crowd", "status": 503, "retryable": True, "provoke": {"fault": "crowd"}},
        },
        "faults": {
            "crowd": {"scope": "operation", "answers": ["CROWDED"]},
            "dust": {"scope": "operation", "stale": "/stale"},
            "flood": {"scope": "operation", "breaks": "schema"},
        },
    },
    "paths": {
        "/books": {
            "get": {
                "operationId": BOOKS,
                "responses": _answers(_BOOKS),
                "x-error-codes": ["BAD_PAGE", "NO_CARD", "NOT_YOURS"],
                "x-pagination": {
                    "style": "cursor",
                    "items": "/books",
                    "identity": "isbn",
                    "cursor": {"parameter": "after", "next": "/next"},
                    "size": {"parameter": "limit", "default": 2, "minimum": 1, "maximum": 5, "invalid": "BAD_PAGE"},
                },
                "x-order": {
                    "parameter": "sort",
                    "items": "/books",
                    "default": "title",
                    "orders": {"title": {"by": "title", "type": "string", "direction": "asc"}},
                },
                "x-filter": {"parameter": "where", "items": "/books", "fields": {"shelf": {"values": ["a", "b"], "selects": "shelf"}}},
                "x-tenancy": {"parameter": "library", "echo": ["/library"]},
                "x-cache": {"store": "private", "maxAge": {"minimum": 10, "maximum": 60}, "etag": True},
            }
        },
        "/visits": {
            "get": {
                "operationId": VISITS,
                "responses": _answers(_VISITS),
                "x-window": {"from": "from", "to": "to", "type": "date-time", "additive": ["/visits"], "invalid": "BAD_SPAN"},
                "x-derived": [{"value": "/share", "ratio": {"of": "/loans", "to": "/visits", "whenZero": 0}}],
                "x-cache": {"store": "never"},
            }
        },
        "/loans": {
            "get": {
                "operationId": STATE,
                "responses": _answers(_LOANS),
                "x-tenancy": {"parameter": "library"},
                "x-snapshot": {
                    "channel": FEED,
                    "sequence": "/seq",
                    "state": "/loans",
                    "identity": "id",
                    "after": "after",
                    "changes": "/changes",
                    "truncated": "/gone",
                },
            }
        },
    },
}


def _message(name: str, **properties: Any) -> dict[str, Any]:
    kinds = {"kind": {"const": name}, **properties}
    return {"name": name, "payload": {"type": "object", "required": list(kinds), "properties": kinds}}


ASYNCAPI: dict[str, Any] = {
    "asyncapi": "3.0.0",
    "info": {"title": "Library", "version": "1.0.0"},
    "channels": {
        FEED: {
            "address": "/loans",
            "messages": {
                "all": _message("all", seq=_NUMBER, loans={"type": "array"}),
                "change": _message("change", seq=_NUMBER, loans={"type": "array"}),
            },
            "x-stream": {
                "type": "kind",
                "snapshot": {"message": "all", "state": "/loans", "identity": "id"},
                "delta": {"message": "change", "changes": "/loans"},
                "sequence": {"at": "/seq", "step": 1},
                "resync": {"operation": STATE},
            },
        }
    },
    "operations": {"send": {"action": "send", "channel": {"$ref": f"#/channels/{FEED}"}}},
}
LIBRARY = parse_bundle(OPENAPI, ASYNCAPI)


def library_with(subject: str, **members: Any) -> Contract:
    """The library's contract with other members of one operation: annotations by name, `x_order` for `x-order`; None leaves one out."""
    document = copy.deepcopy(OPENAPI)
    for path in document["paths"].values():
        if path["get"]["operationId"] == subject:
            changed = path["get"] | {name.replace("_", "-"): value for name, value in members.items()}
            path["get"] = {name: value for name, value in changed.items() if value is not None}
    return parse_bundle(document, ASYNCAPI)


def verdict(clause: str, subject: str, *records: Record, contract: Contract = LIBRARY) -> str:
    """What the judge says of one clause for one subject, seeing these records and those that they hold."""
    journal = Journal()
    for item in records:
        for record in _as_list(item):
            journal.add(record)
    evidence: Evidence = journal.close(Provenance(str(contract.id), contract.digest, "", "", "", {"name": "by hand"}, ""))
    rows = [row for row in judge(contract, evidence, only={clause}).rows if row.subject == subject]
    assert len(rows) == 1, f"{clause} is not promised for {subject}"
    return rows[0].verdict.value


def exchange(
    subject: str,
    status: int = 200,
    body: object = None,
    *,
    query: dict[str, str] | None = None,
    headers: dict[str, str] | None = None,
    expected: str = "any",
    codes: tuple[str, ...] = (),
) -> Exchange:
    """A request with its answer."""
    sent = Request("GET", _PATHS[subject], tuple((query or {}).items()))
    answered = {"content-type": "application/json", **(headers or {})}
    response = Response(status, tuple(answered.items()), orjson.dumps(body).decode())
    return Exchange(
        id=_id(),
        subject=subject,
        purpose="by hand",
        request=sent,
        response=response,
        expected=expected,
        codes=codes,
        sent=float(next(_IDS)),
    )


def page(*titles: str, after: str | None = None, shelf: str = "a", library: str = "north", where: str | None = None) -> Exchange:
    """A page of books; `after` is its next cursor."""
    query = {"library": "north"} | ({} if where is None else {"where[shelf]": where})
    books = [{"isbn": title, "title": title, "shelf": shelf} for title in titles]
    return exchange(BOOKS, 200, {"library": library, "books": books, "next": after}, query=query)


def walk(*pages: Exchange, added: int = 0) -> Walk:
    """A whole list read by these pages, while so many items were added."""
    return Walk(id=_id(), subject=BOOKS, purpose="by hand", pages=pages, added=added)


def split(whole: int, *parts: int) -> Split:
    """A window with so many visits, and its parts with theirs."""
    window, *halves = (exchange(VISITS, 200, {"visits": number}) for number in (whole, *parts))
    return Split(id=_id(), subject=VISITS, purpose="by hand", whole=window, parts=tuple(halves))


def error(code: str, status: int, /, *, subject: str = BOOKS, codes: tuple[str, ...] = (), **changed: object) -> Exchange:
    """An error as the taxonomy has it, with some properties changed."""
    kind = {400: "input", 503: "crowd"}.get(status, "access")
    return exchange(subject, status, {"code": code, "status": status, "kind": kind, "retry": status == 503} | changed, codes=codes)


def refusal(rule: str, answer: Exchange, *codes: str) -> Refusal:
    """A request that breaks one rule, with the codes of which one is right."""
    return Refusal(id=_id(), subject=answer.subject, purpose="by hand", exchange=answer, rule=rule, codes=codes)


def session(*messages: dict[str, Any], every: float = 1.0) -> FeedSession:
    """A session of the feed in which the server sent these messages, so many seconds apart."""
    frames = tuple(Frame(place * every, orjson.dumps(message).decode()) for place, message in enumerate(messages, start=1))
    request = Request("GET", "/loans")
    return FeedSession(id=_id(), subject=FEED, purpose="by hand", request=request, handshake=101, frames=frames, closed=10.0)


def loan(id: str, due: int = 1, **properties: Any) -> dict[str, Any]:
    """An entity of the feed's state, or a change of it."""
    return {"id": id, "due": due, **properties}


def whole(seq: int, *loans: dict[str, Any]) -> dict[str, Any]:
    """The message with the whole state."""
    return {"kind": "all", "seq": seq, "loans": list(loans)}


def change(seq: int, *loans: dict[str, Any]) -> dict[str, Any]:
    """The message with a change."""
    return {"kind": "change", "seq": seq, "loans": list(loans)}


def state(seq: int, *loans: dict[str, Any], after: int | None = None, library: str = "north", **properties: Any) -> Exchange:
    """The state over HTTP, and what else stands in the body: `changes`, `gone`."""
    query = {"library": library} | ({} if after is None else {"after": str(after)})
    return exchange(STATE, 200, {"seq": seq, "loans": list(loans), **properties}, query=query)


def resync(earlier: Exchange, later: Exchange) -> Resync:
    """An earlier state, and a later one with the changes between."""
    return Resync(id=_id(), subject=STATE, purpose="by hand", made=1, earlier=earlier, later=later)


def watch(*sessions: FeedSession, http: tuple[Exchange, ...] = (), changed: int = 0) -> Watch:
    """Sessions beside each other, the state over HTTP meanwhile, and so many changes made by a hook."""
    acts = (Act(0.5, 1.0, changed),) if changed else ()
    return Watch(id=_id(), subject=FEED, purpose="by hand", sessions=sessions, exchanges=http, acts=acts, hooked=True, settled=10.0)


def rejoin(old: FeedSession, http: Exchange | None, new: FeedSession | None = None, *, away: int = 1) -> Rejoin:
    """A session that ended, so many changes while nobody listened, and what came after."""
    return Rejoin(id=_id(), subject=FEED, purpose="by hand", old=old, new=new, exchange=http, away=away, hooked=True)


def resumption(
    beside: FeedSession, resumed: FeedSession, beyond: FeedSession, *, after: int = 1, away: int = 2, hooked: bool = True
) -> Resumption:
    """A session that was resumed after a number, beside one that stayed open, and one that named a number from the future."""
    return Resumption(
        id=_id(), subject=FEED, purpose="by hand", beside=beside, resumed=resumed, beyond=beyond, after=after, away=away, hooked=hooked
    )


def fault_run(
    fault: str,
    *during: Exchange,
    before: Exchange | None = None,
    siblings: tuple[Exchange, Exchange] | None = None,
    after: Exchange | None = None,
    switched: bool = True,
) -> FaultRun:
    """A fault on for the list of books; `siblings` are another operation before and meanwhile."""
    return FaultRun(
        id=_id(),
        subject=BOOKS,
        purpose="by hand",
        fault=fault,
        switched=switched,
        before=before or page("a"),
        during=during,
        siblings_before=siblings[:1] if siblings else (),
        siblings=siblings[1:] if siblings else (),
        after=(after,) if after else (),
    )


def _as_list(item: Record) -> list[Record]:
    """A record behind those that it holds, as a journal wants them."""
    found: list[Record] = []
    for field in dataclasses.fields(item):
        value: Any = getattr(item, field.name)
        parts = value if _is_tuple(value) else (value,)
        for part in parts:
            found.extend(_as_list(part) if isinstance(part, Record) else ())
    return [*found, item]


def _is_tuple(value: Any) -> TypeGuard[tuple[Any, ...]]:
    return isinstance(value, tuple)


def _id() -> str:
    return f"r{next(_IDS)}"
