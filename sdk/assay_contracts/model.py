"""A contract as frozen values: what every other package reads instead of the YAML.

Schemas in here are self-contained JSON Schema 2020-12: whatever they refer to is embedded under `$defs`.
Mappings are shared between values and must not be changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from assay_contracts.contract_id import ContractId
from assay_contracts.errors import UnknownContract

Level = Literal["MUST", "SHOULD"]
Schema = Mapping[str, Any]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of an operation or of a channel's address.

    `location` is `path`, `query`, `header` or `cookie`. `style` and `explode` say how a list or an object is written in it.
    """

    name: str
    location: str
    required: bool
    schema: Schema
    style: str = ""
    explode: bool = False
    description: str = ""
    media: str = ""
    """The media type of a parameter that is written by `content`; empty for one that is written by its style."""
    allow_reserved: bool = False


@dataclass(frozen=True, slots=True)
class Header:
    """One header of a response.

    `name` has the case of the document. Compare it without case, as HTTP does.
    """

    name: str
    required: bool
    schema: Schema


@dataclass(frozen=True, slots=True)
class RequestBody:
    """The request body of an operation.

    `content` is a JSON Schema for each media type.
    """

    required: bool
    content: Mapping[str, Schema]
    description: str = ""
    encodings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])
    """The encoding objects of forms, by media type and property."""


@dataclass(frozen=True, slots=True)
class Response:
    """One declared response of an operation.

    `status` is written as in the document: `200`, `4XX` or `default`. `content` is a JSON Schema for each media type.
    """

    status: str
    description: str
    headers: Mapping[str, Header]
    content: Mapping[str, Schema]


@dataclass(frozen=True, slots=True)
class Operation:
    """One method on one path, with everything that the contract says about it.

    `method` is in upper case. `responses` is by status as written: `200`, `4XX` or `default`. `annotations` holds the values of the
    `x-...` annotations by name, and `error_codes` the codes of `x-error-codes`.
    """

    id: str
    method: str
    path: str
    summary: str
    parameters: tuple[Parameter, ...]
    request_body: RequestBody | None
    responses: Mapping[str, Response]
    annotations: Mapping[str, Any]
    error_codes: tuple[str, ...]
    scopes: tuple[str, ...]
    security: tuple[tuple[str, ...], ...] | None = None
    """The alternatives of `security`, each the names of the schemes that it needs together: `()` needs no credential, None
    where the document says nothing of it."""
    tags: tuple[str, ...] = ()
    deprecated: bool = False
    servers: tuple[Mapping[str, Any], ...] = ()
    """The servers of the operation or its path, which take the place of those of the document; empty where it has none."""

    @property
    def secured(self) -> bool:
        """Whether no request is accepted without a credential: an alternative of `security` without a scheme lets everybody in."""
        return bool(self.security) and () not in (self.security or ())

    @property
    def volatile(self) -> tuple[str, ...]:
        """Pointers to what may differ between two responses with the same content: the volatile properties, and the time of generation."""
        cache: Mapping[str, Any] = self.annotations.get("x-cache", {})
        generated: Mapping[str, Any] = cache.get("generated", {})
        return (*cache.get("volatile", ()), *((generated["at"],) if "at" in generated else ()))

    def parameter(self, name: str) -> Parameter:
        """The parameter of that name."""
        return _one(self.parameters, name, "name", f"{self.id}: parameter")

    def response(self, status: int) -> Response | None:
        """The declared answer for a status: the exact one, else its class such as `4XX`, else `default`."""
        for key in (str(status), f"{status // 100}XX", "default"):
            if key in self.responses:
                return self.responses[key]
        return None


@dataclass(frozen=True, slots=True)
class Message:
    """One kind of message on a channel.

    `payload` is a JSON Schema, and `examples` are payloads.
    """

    name: str
    payload: Schema
    examples: tuple[Any, ...] = ()
    title: str = ""


@dataclass(frozen=True, slots=True)
class Handshake:
    """How a WebSocket session opens.

    `query` and `headers` are the schemas of the query and the headers of the handshake, None where the contract gives none.
    """

    method: str = "GET"
    query: Schema | None = None
    headers: Schema | None = None


@dataclass(frozen=True, slots=True)
class Action:
    """An AsyncAPI operation: the server sends or receives messages of a channel.

    `action` is seen from the server: `send` or `receive`. `messages` are the names of the messages in `Channel.messages`.
    """

    id: str
    action: Literal["send", "receive"]
    messages: tuple[str, ...]
    annotations: Mapping[str, Any]
    secured: bool = False
    """Whether the operation itself requires a credential."""


@dataclass(frozen=True, slots=True)
class Channel:
    """One address for messages, such as a WebSocket path.

    `messages` holds every message by its name. `sent` names those that the server sends, `received` those that a client may send.
    `annotations` holds the values of the `x-...` annotations by name.
    """

    id: str
    address: str
    parameters: tuple[Parameter, ...]
    messages: Mapping[str, Message]
    sent: tuple[str, ...]
    received: tuple[str, ...]
    annotations: Mapping[str, Any]
    handshake: Handshake
    actions: tuple[Action, ...]
    error_codes: tuple[str, ...]
    summary: str = ""
    secured: bool = False
    """Whether no session opens without a credential: each of its servers requires one, or one of its operations does."""


@dataclass(frozen=True, slots=True)
class Clause:
    """One numbered sentence that an implementation is held to.

    It is promised where the annotation has one of the properties that the pointers of `when` lead to; anywhere, where `when` is empty.
    """

    id: str
    level: Level
    sentence: str
    annotation: str
    when: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Promise:
    """A clause about one subject.

    `subject` is the id of an operation or a channel, or `contract` for the contract as a whole.
    """

    clause: Clause
    subject: str


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """One code of the error taxonomy.

    `status` is the HTTP status of the error. `retryable` is None where the contract leaves the retry to the client. `provoke` says how a
    test provokes the code: `{"request": ...}` or `{"fault": ...}`.
    """

    code: str
    category: str
    status: int
    retryable: bool | None
    headers: tuple[str, ...] = ()
    provoke: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """The error taxonomy of a contract (`x-error-taxonomy`).

    `codes` holds each code by its name. `envelope` holds JSON Pointers into an error body, such as `{"code": "/error/code"}`.
    """

    codes: Mapping[str, ErrorCode]
    envelope: Mapping[str, Any]
    categories: Mapping[str, Any]
    correlation: Mapping[str, Any]
    faults: Mapping[str, Any]
    schema_version: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Contract:
    """One version of a contract: its bundled documents and everything read from them.

    `openapi` is `{}` for a contract without HTTP, and `asyncapi` is None for one without a feed. `promises` lists every clause with its
    subject. `digest` is `sha256:` and 64 hexadecimal digits over both documents.

    >>> from assay_contracts import load_contract
    >>> contract = load_contract("reliability@1.0.0")
    >>> contract.operation("listFailures").path
    '/v1/analytics/failures'
    """

    id: ContractId
    openapi: dict[str, Any] = field(repr=False)
    asyncapi: dict[str, Any] | None = field(repr=False)
    operations: tuple[Operation, ...] = field(repr=False)
    channels: tuple[Channel, ...] = field(repr=False)
    taxonomy: Taxonomy | None = field(repr=False)
    promises: tuple[Promise, ...] = field(repr=False)
    digest: str

    def operation(self, id: str) -> Operation:
        """The operation with that `operationId`; raises `ContractError` when there is none."""
        return _one(self.operations, id, "id", f"{self.id}: operation")

    def channel(self, id: str) -> Channel:
        """The channel with that id; raises `ContractError` when there is none."""
        return _one(self.channels, id, "id", f"{self.id}: channel")

    def clauses(self) -> tuple[Clause, ...]:
        """Every clause promised by anything here, once, by id."""
        found = {promise.clause.id: promise.clause for promise in self.promises}
        return tuple(found[id] for id in sorted(found))

    def subjects(self, clause_id: str) -> tuple[str, ...]:
        """What a clause is promised about."""
        return tuple(promise.subject for promise in self.promises if promise.clause.id == clause_id)

    def schema(self, pointer: str) -> Schema:
        """The self-contained schema at a pointer of the OpenAPI document."""
        from assay_contracts.self_contained import Embedding

        return Embedding(self.openapi).at(pointer)


def _one(items: tuple[T, ...], wanted: str, attribute: str, what: str) -> T:
    for item in items:
        if getattr(item, attribute) == wanted:
            return item
    known = ", ".join(str(getattr(item, attribute)) for item in items) or "none at all"
    raise UnknownContract(f"{what} {wanted!r}", expected=f"one of {known}")
