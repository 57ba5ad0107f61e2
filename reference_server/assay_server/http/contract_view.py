"""What the server reads from the contract that it serves, once: operations, taxonomy, feed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import jsonschema_rs
from assay_contracts import Channel, Contract, ErrorCode, Operation, Taxonomy

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
class FeedTerms:
    """The feed as it is served: where, how often it beats, and the close codes by what brings them about."""

    address: str
    tenant_parameter: str
    heartbeat_seconds: float
    codes: Mapping[str, int]
    reasons: Mapping[int, str]
    resync: str
    """The operation whose tenant, scopes and version the feed shares."""


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
    Raises ValueError when it asks for what this server does not have.
    """

    def __init__(
        self,
        contract: Contract,
        versions: Iterable[str] = (),
        body_bytes: Mapping[str, int] | None = None,
        successors: Mapping[str, str] | None = None,
    ) -> None:
        self._body_bytes, self._successors = body_bytes or {}, successors or {}
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
        self._key_schemes, self.key_header = _api_keys(contract)
        self.errors = ErrorBodies(contract, contract.taxonomy)
        self.version_header = str(versioned.get("header", ""))
        general = self.code_for("missing-parameter")
        header_codes = {self.version_header.lower(): str(versioned["code"])} if versioned else {}
        self.endpoints = {item.id: self._endpoint(item, general, header_codes) for item in contract.operations}
        versioned_by = next((item for item in contract.operations for name in item.parameters if name.name == self.version_header), None)
        self._versions = (
            None if versioned_by is None else jsonschema_rs.validator_for(dict(versioned_by.parameter(self.version_header).schema))
        )
        self._served = tuple(_answered(contract.id.version, versions, versioned.get("served", ())))
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
        return version_for(minor, self._served) or self.schema_version

    def _endpoint(self, operation: Operation, general: str, header_codes: Mapping[str, str]) -> Endpoint:
        annotations = operation.annotations
        cache: Mapping[str, Any] = annotations["x-cache"]
        # The shortest of the allowed times: an answer is dated by the facts it rests on, and those keep coming.
        age = int(cache["maxAge"]["minimum"]) if cache["store"] == "private" else 0
        control = f"private, max-age={age}" if cache["store"] == "private" else "no-store"
        tenancy: Mapping[str, Any] = annotations.get("x-tenancy", {})
        reader = RequestReader(operation, tenant=tenancy.get("parameter"), general=general, header_codes=header_codes)
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


def _api_keys(contract: Contract) -> tuple[frozenset[str], str]:
    """The security schemes of API keys in a header, and the header; an empty one for a contract without."""
    schemes: Mapping[str, Mapping[str, Any]] = contract.openapi.get("components", {}).get("securitySchemes", {})
    keyed = {
        name: str(scheme["name"]) for name, scheme in schemes.items() if scheme.get("type") == "apiKey" and scheme.get("in") == "header"
    }
    return frozenset(keyed), next(iter(keyed.values()), "")


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


def _feed(channel: Channel) -> FeedTerms:
    stream: Mapping[str, Any] = channel.annotations["x-stream"]
    every = duration(stream["heartbeat"]["every"])
    return FeedTerms(
        resync=str(stream["resync"]["operation"]),
        address=channel.address,
        tenant_parameter=stream["tenancy"]["parameter"],
        heartbeat_seconds=every.total_seconds() / 2,
        codes={str(close["when"]): int(code) for code, close in stream["close"].items()},
        reasons={int(code): str(close["reason"]) for code, close in stream["close"].items()},
    )
