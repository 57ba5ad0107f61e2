"""One contract version as its page shows it: operations, channels, schemas, errors and clauses, ready for a template."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from assay_contracts import pointers
from assay_contracts.ambiguities import Ambiguity, open_readings
from assay_contracts.json_types import is_list, is_mapping
from assay_contracts.locking import contract_digests
from assay_contracts.model import Channel, Clause, Contract, Operation, Taxonomy
from assay_contracts.references import dereference
from assay_contracts.site.properties import Property, read_properties, reference_name

DRAFT = "draft"
RELEASED = "released"


@dataclass(frozen=True, slots=True)
class Entry:
    """A named value with its schema: a parameter, a header, a body of one media type, a payload."""

    name: str
    place: str
    required: bool
    description: str
    properties: tuple[Property, ...]
    reference: str = ""
    style: str = ""
    examples: tuple[Any, ...] = ()
    inner: tuple[Property, ...] = ()


@dataclass(frozen=True, slots=True)
class ResponseView:
    """One declared response of an operation."""

    status: str
    description: str
    headers: tuple[Entry, ...]
    bodies: tuple[Entry, ...]
    links: tuple[tuple[str, str, str], ...]

    @property
    def succeeds(self) -> bool:
        """Whether this is what a caller hopes for."""
        return self.status.startswith("2")


@dataclass(frozen=True, slots=True)
class OperationView:
    """One operation of the HTTP interface."""

    operation: Operation
    description: str
    deprecated: bool
    security: tuple[str, ...]
    parameters: tuple[Entry, ...]
    bodies: tuple[Entry, ...]
    body_description: str
    responses: tuple[ResponseView, ...]
    clauses: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Operations under one tag."""

    name: str
    description: str
    operations: tuple[OperationView, ...]


@dataclass(frozen=True, slots=True)
class MessageView:
    """One message of a channel, in the direction it goes."""

    name: str
    title: str
    description: str
    payload: Entry


@dataclass(frozen=True, slots=True)
class ChannelView:
    """One channel: how a session opens, what goes each way, how it lives and how it closes."""

    channel: Channel
    description: str
    parameters: tuple[Entry, ...]
    sent: tuple[MessageView, ...]
    received: tuple[MessageView, ...]
    closes: tuple[tuple[str, str], ...]
    heartbeat: tuple[str, str] | None
    clauses: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class SchemaView:
    """One named schema."""

    name: str
    anchor: str
    properties: tuple[Property, ...]


@dataclass(frozen=True, slots=True)
class ClauseView:
    """One clause, everything it is promised about, and how it is read where it can be read in two ways."""

    clause: Clause
    subjects: tuple[str, ...]
    readings: tuple[Ambiguity, ...] = ()


@dataclass(frozen=True, slots=True)
class VersionView:
    """Everything on the page of one contract version."""

    contract: Contract
    status: str
    title: str
    summary: str
    descriptions: tuple[tuple[str, str], ...]
    servers: tuple[tuple[str, str], ...]
    digests: Mapping[str, str]
    groups: tuple[Group, ...]
    channels: tuple[ChannelView, ...]
    schemas: tuple[SchemaView, ...]
    messages: tuple[SchemaView, ...]
    taxonomy: Taxonomy | None
    users: Mapping[str, tuple[str, ...]]
    clauses: tuple[ClauseView, ...]
    anchors: Mapping[str, str]

    @property
    def name(self) -> str:
        """The contract's name."""
        return self.contract.id.name

    @property
    def version(self) -> str:
        """The contract's version."""
        return self.contract.id.version

    @property
    def operations(self) -> int:
        """How many operations there are."""
        return sum(len(group.operations) for group in self.groups)


def view_version(contract: Contract) -> VersionView:
    """The page of one contract version."""
    documents = [document for document in (contract.openapi, contract.asyncapi) if document]
    infos = [_mapping(document.get("info")) for document in documents]
    promised: dict[str, list[Clause]] = {}
    for promise in contract.promises:
        promised.setdefault(promise.subject, []).append(promise.clause)
    codes: dict[str, list[str]] = {}
    subjects: tuple[Operation | Channel, ...] = (*contract.operations, *contract.channels)
    for subject in subjects:
        for code in subject.error_codes:
            codes.setdefault(code, []).append(subject.id)
    http, feed = _Reader(contract.openapi, "schema"), _Reader(contract.asyncapi or {}, "message-schema")
    readings = open_readings(contract.id.name, (clause.id for clause in contract.clauses()))
    anchors = {operation.id: f"operation-{operation.id}" for operation in contract.operations}
    anchors |= {channel.id: f"channel-{channel.id}" for channel in contract.channels}
    return VersionView(
        contract=contract,
        status=DRAFT if any(info.get("x-status") == DRAFT for info in infos) else RELEASED,
        title=_text(infos[0].get("title")) or contract.id.name,
        summary=_text(infos[0].get("summary")),
        descriptions=tuple((_text(info.get("title")), _text(info.get("description"))) for info in infos),
        servers=tuple(_servers(documents)),
        digests=contract_digests(contract),
        groups=tuple(_groups(contract, http, promised)),
        channels=tuple(feed.channel(channel, tuple(promised.get(channel.id, ()))) for channel in contract.channels),
        schemas=http.schemas(),
        messages=feed.schemas(),
        taxonomy=contract.taxonomy,
        users={code: tuple(names) for code, names in codes.items()},
        clauses=tuple(ClauseView(clause, contract.subjects(clause.id), readings.get(clause.id, ())) for clause in contract.clauses()),
        anchors=anchors,
    )


def _servers(documents: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    for document in documents:
        servers = document.get("servers")
        for server in servers if is_list(servers) else _mapping(servers).values():
            declared = _mapping(dereference(server, document, "servers"))
            address = (
                _text(declared.get("url"))
                or f"{declared.get('protocol', '')}://{declared.get('host', '')}{_text(declared.get('pathname'))}"
            )
            yield address, _text(declared.get("description"))


def _groups(contract: Contract, reader: _Reader, promised: Mapping[str, list[Clause]]) -> Iterator[Group]:
    """Operations under their first tag, in the order in which the document names the tags, then the untagged."""
    found: dict[str, list[OperationView]] = {}
    described = {str(tag.get("name")): _text(tag.get("description")) for tag in _list(contract.openapi.get("tags")) if is_mapping(tag)}
    places = {(method.upper(), path): index for index, (path, method) in enumerate(_written(contract.openapi))}
    for operation in sorted(contract.operations, key=lambda operation: places.get((operation.method, operation.path), 0)):
        raw = _mapping(_mapping(_mapping(contract.openapi.get("paths")).get(operation.path)).get(operation.method.lower()))
        tags = _list(raw.get("tags"))
        view = reader.operation(operation, raw, tuple(promised.get(operation.id, ())))
        found.setdefault(str(tags[0]) if tags else "", []).append(view)
    for name in sorted(found, key=lambda tag: ([*described, tag].index(tag), tag)):
        yield Group(name, described.get(name, ""), tuple(found[name]))


def _written(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for path, item in _mapping(document.get("paths")).items():
        for method in _mapping(item):
            yield path, method


class _Reader:
    """What one bundled document says, with its references named instead of followed."""

    def __init__(self, document: dict[str, Any], anchor: str) -> None:
        self.document = document
        self.anchor = anchor
        self.named = _mapping(_mapping(document.get("components")).get("schemas"))

    def schemas(self) -> tuple[SchemaView, ...]:
        return tuple(SchemaView(name, f"{self.anchor}-{name}", tuple(read_properties(schema))) for name, schema in self.named.items())

    def operation(self, operation: Operation, raw: dict[str, Any], clauses: tuple[Clause, ...]) -> OperationView:
        item = _mapping(_mapping(self.document.get("paths")).get(operation.path))
        declared: dict[tuple[str, str], dict[str, Any]] = {}
        for entry in (*_list(item.get("parameters")), *_list(raw.get("parameters"))):
            parameter = self.behind(entry)
            declared[str(parameter.get("name")), str(parameter.get("in"))] = parameter
        body = self.behind(raw.get("requestBody", {}))
        security = raw.get("security", self.document.get("security"))
        return OperationView(
            operation=operation,
            description=_text(raw.get("description")),
            deprecated=raw.get("deprecated") is True,
            security=tuple(_security(security)),
            parameters=tuple(self.parameter(value) for value in declared.values()),
            bodies=self.bodies(body, open=True),
            body_description=_text(body.get("description")),
            responses=tuple(self.response(status, self.behind(response)) for status, response in _mapping(raw.get("responses")).items()),
            clauses=clauses,
        )

    def parameter(self, raw: dict[str, Any]) -> Entry:
        style, explode = raw.get("style"), raw.get("explode")
        parts = [str(style)] if style else []
        if isinstance(explode, bool):
            parts.append("each value apart" if explode else "values joined")
        return self.entry(str(raw.get("name", "")), str(raw.get("in", "")), raw, style=", ".join(parts))

    def response(self, status: str, raw: dict[str, Any]) -> ResponseView:
        headers = _mapping(raw.get("headers"))
        links = ((name, self.behind(link)) for name, link in _mapping(raw.get("links")).items())
        return ResponseView(
            status=status,
            description=_text(raw.get("description")),
            headers=tuple(self.entry(name, "", self.behind(header)) for name, header in headers.items()),
            bodies=self.bodies(raw, open=status.startswith("2")),
            links=tuple((name, _text(link.get("operationId")), _text(link.get("description"))) for name, link in links),
        )

    def bodies(self, raw: dict[str, Any], *, open: bool) -> tuple[Entry, ...]:
        return tuple(self.entry(media, "body", _mapping(body), open=open) for media, body in _mapping(raw.get("content")).items())

    def entry(self, name: str, place: str, raw: dict[str, Any], *, style: str = "", open: bool = False) -> Entry:
        schema = raw.get("schema", True)
        reference = self.referred(schema)
        target = self.named.get(reference)
        return Entry(
            name=name,
            place=place,
            required=raw.get("required") is True,
            description=_text(raw.get("description")),
            properties=tuple(read_properties(schema)),
            reference=reference,
            style=style,
            examples=tuple(self.examples(raw, target)),
            inner=tuple(read_properties(target)) if open and target is not None else (),
        )

    def referred(self, schema: Any) -> str:
        reference = schema.get("$ref") if is_mapping(schema) else None
        name = reference_name(reference) if isinstance(reference, str) else ""
        return name if name in self.named else ""

    def examples(self, raw: dict[str, Any], target: Any) -> Iterator[Any]:
        """The examples given here, else those of the schema that is referred to."""
        found = [raw["example"]] if "example" in raw else []
        found += [_mapping(self.behind(example)).get("value") for example in _mapping(raw.get("examples")).values()]
        if not found:
            found = _list(_mapping(raw.get("schema")).get("examples")) or _list(_mapping(target).get("examples"))
        yield from found

    def channel(self, channel: Channel, clauses: tuple[Clause, ...]) -> ChannelView:
        raw = self.behind(_mapping(self.document.get("channels")).get(channel.id, {}))
        messages = {name: self.message(name, self.behind(message)) for name, message in _mapping(raw.get("messages")).items()}
        parameters = tuple(
            Entry(
                parameter.name,
                parameter.location,
                parameter.required,
                parameter.description,
                tuple(read_properties(_handshake_schema(dict(parameter.schema)))),
            )
            for parameter in channel.parameters
        )
        closes: dict[str, str] = {}
        heartbeat = None
        for name in sorted(channel.annotations):
            value = _mapping(channel.annotations[name])
            for code, reason in _mapping(value.get("close")).items():
                closes[code] = _text(_mapping(reason).get("reason"))
            beat = _mapping(value.get("heartbeat"))
            if beat:
                heartbeat = _text(beat.get("message")), _text(beat.get("every"))
        return ChannelView(
            channel=channel,
            description=_text(raw.get("description")),
            parameters=parameters,
            sent=tuple(messages[name] for name in channel.sent if name in messages),
            received=tuple(messages[name] for name in channel.received if name in messages),
            closes=tuple(sorted(closes.items())),
            heartbeat=heartbeat,
            clauses=clauses,
        )

    def message(self, name: str, raw: dict[str, Any]) -> MessageView:
        payload: Any = raw.get("payload", True)
        if is_mapping(payload) and "schemaFormat" in payload:
            payload = payload.get("schema", True)
        examples = [example["payload"] for example in _list(raw.get("examples")) if is_mapping(example) and "payload" in example]
        target = self.named.get(self.referred(payload))
        entry = Entry(
            name=name,
            place="payload",
            required=True,
            description="",
            properties=tuple(read_properties(payload)),
            reference=self.referred(payload),
            examples=tuple(examples or _list(_mapping(target).get("examples"))),
            inner=tuple(read_properties(target)) if target is not None else (),
        )
        return MessageView(name, _text(raw.get("title")), _text(raw.get("description")), entry)

    def behind(self, value: Any) -> dict[str, Any]:
        return _mapping(dereference(value, self.document, "a part of the contract"))


def _handshake_schema(schema: dict[str, Any]) -> dict[str, Any]:
    """A handshake's schema as it is read on a page: behind its one reference, without the definitions it carries."""
    definitions = _mapping(schema.pop("$defs", {}))
    reference = schema.get("$ref")
    if isinstance(reference, str) and pointers.split(reference)[:1] == ("$defs",):
        target = _mapping(definitions.get(pointers.split(reference)[-1]))
        return {**target, **{key: value for key, value in schema.items() if key != "$ref"}}
    return schema


def _security(declared: Any) -> Iterator[str]:
    """Each way in, in words: the scheme and the scopes it must carry."""
    for way in _list(declared):
        parts = [f"{scheme} with {', '.join(map(str, _list(scopes)))}" if scopes else scheme for scheme, scopes in _mapping(way).items()]
        yield " and ".join(parts) or "no credential"


def _mapping(value: Any) -> dict[str, Any]:
    return value if is_mapping(value) else {}


def _list(value: Any) -> list[Any]:
    return value if is_list(value) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
