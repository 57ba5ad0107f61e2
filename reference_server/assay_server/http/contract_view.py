"""What the server reads from the contract that it serves, once: operations, taxonomy, feed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import jsonschema_rs
import msgspec
from assay_contracts import Channel, Contract, ErrorCode, Operation, Taxonomy
from assay_contracts.json_types import is_mapping

from assay_server.http.bodies import BodyReader
from assay_server.http.correlation import Correlator
from assay_server.http.deprecation import DeprecationTerms
from assay_server.http.error_bodies import ErrorBodies
from assay_server.http.errors import check_known
from assay_server.http.idempotency import IdempotencyTerms
from assay_server.http.parameters import RequestReader, duration
from assay_server.http.schema_versions import version_for


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One operation as it is served.

    `public` says that no credential is needed, `forbidden` is the code for a tenant that is not covered, and `body` is None for an
    operation without a request body. `states_quota` says that a success has the headers of the rate limit.
    """

    operation: Operation
    reader: RequestReader
    body: BodyReader | None
    idempotency: IdempotencyTerms | None
    deprecation: DeprecationTerms | None
    public: bool
    keyed: bool
    forbidden: str
    cache_control: str
    max_age: int
    vary: str
    states_quota: bool
    tenant_at: tuple[str, ...] = ()
    """Where the request body names the tenant; empty where a parameter does, or nothing."""
    issued_scheme: str = ""
    """The security scheme of a token that stands in for the credential."""
    token_header: str = ""
    """The header that carries such a token."""

    @property
    def id(self) -> str:
        """The operation's name in the contract."""
        return self.operation.id

    @property
    def required(self) -> tuple[str, ...]:
        """The properties that the success body must have, in the order of the schema; none for a success without a body."""
        success = next(
            (response for status, response in self.operation.responses.items() if status.startswith("2") and response.content), None
        )
        if success is None:
            return ()
        schema = next(iter(success.content.values()))
        shape: Mapping[str, Any] = schema
        if "$ref" in shape:
            shape = shape["$defs"][shape["$ref"].removeprefix("#/$defs/")]
        return tuple(shape.get("required", ()))


@dataclass(frozen=True, slots=True)
class ResumeTerms:
    """How a session is resumed: by a first message that fits its schema and comes in time.

    `after` is the property with the last sequence number that the client has, and `seconds` how long the message may take.
    """

    is_valid: Callable[[Any], bool]
    after: str
    seconds: float


@dataclass(frozen=True, slots=True)
class FeedTerms:
    """The feed as it is served: where, how often it beats, and the close codes by what brings them about."""

    address: str
    tenant_parameter: str
    heartbeat_seconds: float
    codes: Mapping[str, int]
    reasons: Mapping[int, str]
    resync: str
    """The operation whose tenant, scopes and version the feed shares."""
    subprotocol: str = ""
    """What is selected where a subprotocol carries the token; empty where none does."""
    version_parameter: str = ""
    """The parameter of the query that names the schema version where no header can."""
    resume: ResumeTerms | None = None
    """How a client resumes; None where it cannot."""


@dataclass(frozen=True, slots=True)
class ProgressTerms:
    """A channel that follows a job: where, which parameter names the job, how often it beats, and the close codes by what causes them.

    `operation` answers the same state over HTTP, `subprotocol` is selected where a subprotocol carries the token, and the parameter
    `version_parameter` of the query names the schema version where no header can.
    """

    address: str
    parameter: str
    operation: str
    subprotocol: str
    version_parameter: str
    heartbeat_seconds: float
    codes: Mapping[str, int]
    reasons: Mapping[int, str]


class ServedContract:
    """A contract, ready to be answered from; `versions` are the older versions of its major whose payloads are served as well.

    `body_bytes` bounds the request bodies of single operations, and `successors` has the paths of what comes after deprecated ones.
    `issued_scheme` is the security scheme of tokens that the contract's own responses issue. `default` is the version that answers a
    client which names none or only its major, such as `1.0`; without it the newest one does.
    Raises ValueError when it asks for what this server does not have.
    """

    def __init__(
        self,
        contract: Contract,
        versions: Iterable[str] = (),
        body_bytes: Mapping[str, int] | None = None,
        successors: Mapping[str, str] | None = None,
        issued_scheme: str = "",
        default: str | None = None,
    ) -> None:
        self._body_bytes, self._successors, self._default = body_bytes or {}, successors or {}, default
        if contract.taxonomy is None:
            raise ValueError(f"expected {contract.id} to have an error taxonomy, it has none; serve another contract")
        check_known(contract.taxonomy)
        self.contract = contract
        self.schema_version = contract.id.version
        self.taxonomy: Taxonomy = contract.taxonomy
        correlation, versioned = contract.taxonomy.correlation, contract.taxonomy.schema_version
        self.correlator = Correlator(
            str(correlation["header"]), re.compile(str(correlation["pattern"]), re.ASCII), traceparent=bool(correlation.get("traceparent"))
        )
        headers = key_headers(contract)
        self.issued_scheme, self._token_header = issued_scheme, headers.pop(issued_scheme, "")
        self._key_schemes, self.key_header = frozenset(headers), next(iter(headers.values()), "")
        self.errors = ErrorBodies(contract, contract.taxonomy)
        self.version_header = str(versioned.get("header", ""))
        general = self.code_for("missing-parameter")
        header_codes = {self.version_header.lower(): str(versioned["code"])} if versioned else {}
        self.endpoints = {item.id: self._endpoint(item, general, header_codes) for item in contract.operations}
        versioned_by = next((item for item in contract.operations for name in item.parameters if name.name == self.version_header), None)
        self._versions = (
            None if versioned_by is None else jsonschema_rs.validator_for(dict(versioned_by.parameter(self.version_header).schema))
        )
        self.versions = tuple(_answered(contract.id.version, versions, versioned.get("served", ())))
        if default is not None and version_for(default, self.versions) is None:
            served = ", ".join(sorted(self.versions))
            raise ValueError(f"expected a default version that {contract.id} answers, got {default}; it answers {served}")
        feeds = [channel for channel in contract.channels if "x-stream" in channel.annotations]
        self.feed = _feed(feeds[0]) if feeds else None
        self.progress = tuple(_progress(channel) for channel in contract.channels if "x-progress" in channel.annotations)

    def code(self, name: str) -> ErrorCode:
        """What the taxonomy says about a code."""
        return self.taxonomy.codes[name]

    def code_for(self, provocation: str) -> str:
        """The code that the taxonomy has requests of one kind answered with."""
        for code in self.taxonomy.codes.values():
            if code.provoke.get("request") == provocation:
                return code.code
        raise ValueError(f"expected the contract to name the code for {provocation!r}, it does not; serve another contract")

    def serves_version(self, version: str) -> bool:
        """Whether payloads of that schema version are served."""
        return self._versions is None or self._versions.is_valid(version)

    def version_for(self, wanted: str | None) -> str:
        """The schema version that answers a request for one that is served; a patch of it is as good as another."""
        minor = None if wanted is None else ".".join(wanted.split(".")[:2])
        if self._default is not None and minor in (None, self._default.split(".")[0]):
            minor = self._default
        return version_for(minor, self.versions) or self.schema_version

    def stated(self, body: bytes, version: str) -> bytes:
        """A JSON body that states a schema version, instead of the one that it was first answered with."""
        at = str((self.taxonomy.schema_version or {}).get("at", "")).split("/")[1:]
        if not at or not body:
            return body
        value: Any = msgspec.json.decode(body)
        place = value
        for name in at[:-1]:
            place = place.get(name) if is_mapping(place) else None
        if not is_mapping(place) or place.get(at[-1], version) == version:
            return body
        place[at[-1]] = version
        return msgspec.json.encode(value)

    def _endpoint(self, operation: Operation, general: str, header_codes: Mapping[str, str]) -> Endpoint:
        annotations = operation.annotations
        cache: Mapping[str, Any] = annotations["x-cache"]
        # The shortest of the allowed times: an answer is dated by the facts it rests on, and those keep coming.
        age = int(cache["maxAge"]["minimum"]) if cache["store"] == "private" else 0
        control = f"private, max-age={age}" if cache["store"] == "private" else "no-store"
        tenancy: Mapping[str, Any] = annotations.get("x-tenancy", {})
        tenant = str(tenancy.get("parameter", ""))
        tenant_at = tuple(tenant.split("/")[1:]) if tenant.startswith("/") else ()
        named = tenant if tenant and not tenant_at else None
        reader = RequestReader(operation, tenant=named, general=general, header_codes=header_codes)
        body = None
        if operation.request_body is not None:
            codes = (self.code_for("bad-body"), self.code_for("unknown-media-type"), self.code_for("oversized-body"))
            body = BodyReader(operation, operation.request_body, *codes, largest=self._body_bytes.get(operation.id))
        public = operation.security is not None and (not operation.security or () in operation.security)
        varies = ", ".join(cache.get("varies", ()))
        return Endpoint(
            operation,
            reader,
            body,
            IdempotencyTerms.of(operation),
            DeprecationTerms.of(operation, self._successors.get(operation.id, "")),
            public,
            any(self._key_schemes.intersection(names) for names in operation.security or ()),
            str(tenancy.get("forbidden", "")),
            control,
            age,
            varies,
            _states_quota(operation),
            tenant_at,
            *((self.issued_scheme, self._token_header) if (self.issued_scheme,) in (operation.security or ()) else ()),
        )


def _states_quota(operation: Operation) -> bool:
    """Whether the contract declares what is left of the rate limit on successes."""
    remaining = str(operation.annotations.get("x-rate-limit", {}).get("remaining", "")).lower()
    successes = (response for status, response in operation.responses.items() if status.startswith("2"))
    return any(name.lower() == remaining for response in successes for name in response.headers)


def _answered(newest: str, older: Iterable[str], minors: Iterable[str]) -> Iterator[str]:
    """The newest version, and each older one whose minor the contract lists as served."""
    listed = set(minors)
    for version in {newest, *older}:
        if version == newest or version.rpartition(".")[0] in listed:
            yield version


def key_headers(contract: Contract) -> dict[str, str]:
    """The security schemes of keys in a header, each with its header."""
    schemes: Mapping[str, Mapping[str, Any]] = contract.openapi.get("components", {}).get("securitySchemes", {})
    return {
        name: str(scheme["name"]) for name, scheme in schemes.items() if scheme.get("type") == "apiKey" and scheme.get("in") == "header"
    }


def _progress(channel: Channel) -> ProgressTerms:
    terms: Mapping[str, Any] = channel.annotations["x-progress"]
    query: Mapping[str, Any] = channel.handshake.query or {}
    return ProgressTerms(
        address=channel.address,
        parameter=channel.parameters[0].name,
        operation=str(terms["operation"]),
        subprotocol=f"{channel.id}.v1",
        version_parameter=next(iter(query.get("properties", {})), ""),
        heartbeat_seconds=duration(terms["heartbeat"]["every"]).total_seconds() / 2,
        codes={str(close["when"]): int(code) for code, close in terms["close"].items()},
        reasons={int(code): str(close["reason"]) for code, close in terms["close"].items()},
    )


def _resume(channel: Channel, terms: Mapping[str, Any]) -> ResumeTerms:
    schema = channel.messages[str(terms["message"])].payload
    return ResumeTerms(
        jsonschema_rs.validator_for(dict(schema)).is_valid, str(terms["after"]).strip("/"), duration(terms["within"]).total_seconds()
    )


def _feed(channel: Channel) -> FeedTerms:
    stream: Mapping[str, Any] = channel.annotations["x-stream"]
    query: Mapping[str, Any] = (channel.handshake.query or {}).get("properties", {})
    headers: Mapping[str, Any] = (channel.handshake.headers or {}).get("properties", {})
    tenant = stream["tenancy"]["parameter"]
    every = duration(stream["heartbeat"]["every"])
    return FeedTerms(
        resync=str(stream["resync"]["operation"]),
        address=channel.address,
        tenant_parameter=tenant,
        heartbeat_seconds=every.total_seconds() / 2,
        codes={str(close["when"]): int(code) for code, close in stream["close"].items()},
        reasons={int(code): str(close["reason"]) for code, close in stream["close"].items()},
        subprotocol=f"{channel.id}.v1" if any(name.lower() == "sec-websocket-protocol" for name in headers) else "",
        version_parameter=next((name for name in query if name != tenant), ""),
        resume=_resume(channel, stream["resume"]) if "resume" in stream else None,
    )
