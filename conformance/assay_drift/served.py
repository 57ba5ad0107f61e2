"""The document that a server serves about itself, against the contract."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
import orjson
from assay_compatibility.classes import Severity
from assay_compatibility.comparing import compare
from assay_compatibility.documents import as_document, parse_document, read_document
from assay_compatibility.errors import DocumentRefused
from assay_compatibility.findings import Finding as Change
from assay_compatibility.places import ApiDocument
from assay_contracts import Contract
from assay_contracts.json_types import is_list, is_mapping
from assay_contracts.pointers import split

from assay_drift.findings import Finding, Kind, Side

PLACES = {
    "openapi": (
        "/openapi.json", "/openapi.yaml", "/openapi.yml", "/openapi", "/.well-known/openapi.json", "/.well-known/openapi.yaml",
        "/v3/api-docs", "/v3/api-docs.yaml", "/api-docs", "/docs/openapi.json", "/swagger.json", "/swagger/v1/swagger.json", "/q/openapi",
    ),
    "asyncapi": (
        "/asyncapi.json", "/asyncapi.yaml", "/asyncapi.yml", "/asyncapi", "/.well-known/asyncapi.json", "/.well-known/asyncapi.yaml",
        "/docs/asyncapi.json",
    ),
}  # fmt: skip
"""Where servers usually put their documents, asked for in this order."""
CATALOG = "/.well-known/api-catalog"
"""Where RFC 9727 has a list of links to them."""
_OF_CODE_FIRST = frozenset({"servers-changed", "operation-id-changed", "unused-component-changed"})
"""What a document written by a framework always has its own way."""
_KINDS = (
    ("path", Kind.OPERATION), ("operation", Kind.OPERATION), ("webhook", Kind.OPERATION), ("parameter", Kind.PARAMETER),
    ("status", Kind.STATUS), ("header", Kind.HEADER), ("media-type", Kind.MEDIA_TYPE), ("message", Kind.MESSAGE), ("member", Kind.MEMBER),
)  # fmt: skip
"""What came or went, by the word in the name of the rule; any other change is one of the document."""


@dataclass(frozen=True, slots=True)
class Served:
    """A document that was found, and where."""

    address: str
    document: ApiDocument


def find_served(base: str, kind: str, token: str | None = None, *, timeout: float = 5.0) -> Served | None:
    """The document of one kind that a server serves at one of the usual places; None when it serves none.

    A token is only shown where the document is refused without one, and to no other server.
    """
    parts = urlsplit(base)
    roots = list(dict.fromkeys((base.rstrip("/"), f"{parts.scheme}://{parts.netloc}")))
    with httpx.Client(timeout=timeout, trust_env=False, follow_redirects=False) as client:
        for address in (*(root + place for root in roots for place in PLACES[kind]), *_catalogued(client, roots[-1])):
            try:
                answer = client.get(address)
                if answer.status_code in (401, 403) and token:
                    answer = client.get(address, headers={"authorization": f"Bearer {token}"})
                if answer.status_code == 200 and answer.content:
                    document = parse_document(answer.content, address)
                    if document.kind == kind:
                        return Served(address, document)
            except (httpx.HTTPError, httpx.InvalidURL, DocumentRefused):
                continue
    return None


def named_document(source: str, token: str | None = None) -> Served:
    """The document that was named: a file, `git:REF:path`, NAME@VERSION or a URL. Raises `DocumentRefused`."""
    if not source.startswith(("http://", "https://")):
        return Served(source, read_document(source))
    headers = {"authorization": f"Bearer {token}"} if token else {}
    try:
        answer = httpx.get(source, timeout=10, trust_env=False, headers=headers)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise DocumentRefused(source, expected="a response", actual=str(error) or type(error).__name__) from error
    if answer.status_code != 200:
        raise DocumentRefused(source, expected="status 200", actual=str(answer.status_code))
    return Served(source, parse_document(answer.content, source))


def contract_document(contract: Contract, kind: str) -> ApiDocument | None:
    """The contract's own document of one kind."""
    content = contract.openapi if kind == "openapi" else contract.asyncapi
    return as_document(content, str(contract.id)) if content else None


def document_findings(contract: Contract, served: Served) -> tuple[list[Finding], int]:
    """What the served document says otherwise, and how often only its words differ. Raises `DocumentRefused`."""
    own = contract_document(contract, served.document.kind)
    if own is None:
        return [], 0
    changes = compare(own, served.document).findings
    names = {name for item in contract.operations for name in item.annotations} | {key for key in own.content if key.startswith("x-")}
    unsaid: set[str] = set() if _annotated(served.document.content) else names
    worded = [change for change in changes if _in_words(change) or not unsaid.isdisjoint(split(change.pointer))]
    return [_finding(change) for change in changes if change not in worded], len(worded)


def _in_words(change: Change) -> bool:
    return change.level in (Severity.NONE, Severity.PATCH) or change.rule in _OF_CODE_FIRST


def _annotated(content: Any) -> bool:
    """Whether a document carries any annotation at all; one that a framework writes has none, which says nothing."""
    if is_mapping(content):
        return any((key.startswith("x-") and is_mapping(value)) or _annotated(value) for key, value in content.items())
    return is_list(content) and any(_annotated(part) for part in content)


def _finding(change: Change) -> Finding:
    where = change.pointer or "/"
    reaches = ", ".join(change.reaches[:3]) + (" …" if len(change.reaches) > 3 else "")
    about = f"{change.rule}, {change.level.value}, {change.direction}" + (f", reaches {reaches}" if reaches else "")
    came, went = change.rule.endswith("-added"), change.rule.endswith("-removed")
    kind = next((kind for word, kind in _KINDS if word in change.rule), None) if came or went else None
    if kind is None:
        return Finding(Side.CONTRADICTING, Kind.DOCUMENT, "served document", where, "", 0, about)
    side = Side.UNDOCUMENTED if came else Side.CONTRADICTING
    if kind is Kind.OPERATION:
        return Finding(side, kind, "served document", _operation(where), "", 0, change.rule)
    return Finding(side, kind, "served document", where, "", 0, about)


def _operation(pointer: str) -> str:
    """`GET /things` of `/paths/~1things/get`."""
    keys = split(pointer)
    if len(keys) == 3 and keys[0] == "paths":
        return f"{keys[2].upper()} {keys[1]}"
    return keys[1] if len(keys) == 2 and keys[0] == "paths" else pointer


def _catalogued(client: httpx.Client, origin: str) -> Iterator[str]:
    """What the catalog of a server links to as descriptions of its API, on the same server."""
    try:
        answer = client.get(origin + CATALOG)
        found = orjson.loads(answer.content) if answer.status_code == 200 else None
    except (httpx.HTTPError, orjson.JSONDecodeError):
        return
    sets = found.get("linkset") if is_mapping(found) else None
    for links in sets if is_list(sets) else ():
        for link in links.get("service-desc", ()) if is_mapping(links) else ():
            href = link.get("href") if is_mapping(link) else None
            if isinstance(href, str):
                address = urljoin(origin + CATALOG, href)
                if urlsplit(address)[:2] == urlsplit(origin)[:2]:
                    yield address
