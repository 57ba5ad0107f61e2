"""What the server reads from the contract that it serves, once: operations, taxonomy, feed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jsonschema_rs
from assay_contracts import Channel, Contract, ErrorCode, Operation, Taxonomy

from assay_server.http.correlation import Correlator
from assay_server.http.errors import check_known
from assay_server.http.parameters import RequestReader, duration


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One operation as it is served."""

    operation: Operation
    reader: RequestReader
    forbidden: str
    cache_control: str
    max_age: int
    vary: str

    @property
    def id(self) -> str:
        """The operation's name in the contract."""
        return self.operation.id

    @property
    def required(self) -> tuple[str, ...]:
        """The properties that the success body must have, in the order of the schema."""
        schema = next(iter(self.operation.responses["200"].content.values()))
        shape: Mapping[str, Any] = schema
        if "$ref" in shape:
            shape = shape["$defs"][shape["$ref"].removeprefix("#/$defs/")]
        return tuple(shape["required"])


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


class ServedContract:
    """A contract, ready to be answered from. Raises ValueError when it asks for what this server does not have."""

    def __init__(self, contract: Contract) -> None:
        if contract.taxonomy is None:
            raise ValueError(f"expected {contract.id} to have an error taxonomy, it has none; serve another contract")
        check_known(contract.taxonomy)
        self.contract = contract
        self.schema_version = contract.id.version
        self.taxonomy: Taxonomy = contract.taxonomy
        correlation, versioned = contract.taxonomy.correlation, contract.taxonomy.schema_version
        self.correlator = Correlator(str(correlation["header"]), re.compile(str(correlation["pattern"]), re.ASCII))
        self.version_header = str(versioned["header"])
        general = self.code_for("missing-parameter")
        header_codes = {self.version_header.lower(): str(versioned["code"])}
        self.endpoints = {item.id: _endpoint(item, general, header_codes) for item in contract.operations}
        version = contract.operations[0].parameter(self.version_header)
        self._versions = jsonschema_rs.validator_for(dict(version.schema))
        self.feed = _feed(contract.channels[0]) if contract.channels else None

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
        return self._versions.is_valid(version)


def _endpoint(operation: Operation, general: str, header_codes: Mapping[str, str]) -> Endpoint:
    annotations = operation.annotations
    cache: Mapping[str, Any] = annotations["x-cache"]
    # The shortest of the allowed times: an answer is dated by the facts it rests on, and those keep coming.
    age = int(cache["maxAge"]["minimum"]) if cache["store"] == "private" else 0
    control = f"private, max-age={age}" if cache["store"] == "private" else "no-store"
    tenancy: Mapping[str, Any] = annotations["x-tenancy"]
    reader = RequestReader(operation, tenant=tenancy["parameter"], general=general, header_codes=header_codes)
    return Endpoint(operation, reader, tenancy["forbidden"], control, age, ", ".join(cache.get("varies", ())))


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
