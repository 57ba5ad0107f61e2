"""A certificate of one operation with its evidence, made without a server."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assay_conformance.certificate import certificate, certificate_bytes, requirements_digest
from assay_conformance.evidence import Evidence, Exchange, Provenance, Request, Response, write_evidence
from assay_conformance.judging import judge
from assay_conformance.provenance import kit_version
from assay_contracts import Contract, canonical_bytes, digest, parse_bundle
from assay_signing import SigningKey, envelope_bytes, signed

RUN = dt.datetime(2026, 11, 2, 10, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Issued:
    """A certificate with its evidence, as files hold them."""

    certificate: bytes
    evidence: bytes
    statement: dict[str, Any]


def lamp(title: str = "a lamp") -> Contract:
    """A contract of one operation."""
    schema = {"type": "object", "required": ["lit"], "properties": {"lit": {"type": "boolean"}}}
    response = {"description": "Its state.", "content": {"application/json": {"schema": schema}}}
    return parse_bundle(
        {
            "openapi": "3.1.0",
            "info": {"title": title, "version": "1.0.0"},
            "paths": {"/lamp": {"get": {"operationId": "getLamp", "responses": {"200": response}}}},
        }
    )


def recorded(contract: Contract, body: str = '{"lit":true}', *, at: dt.datetime = RUN) -> Evidence:
    """The evidence of a run that asked once, against a set of one requirement."""
    answer = Response(200, (("content-type", "application/json"),), body)
    seen = Exchange(id="x1", subject="getLamp", purpose="a look", request=Request("GET", "/lamp"), response=answer, expected="accepted")
    rows = ({"id": "OP-001", "level": "MUST", "sentence": "It fits.", "subjects": ["getLamp"]},)
    moment = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    provenance = Provenance(
        contract=str(contract.id), contract_digest=contract.digest, requirements_digest=requirements_digest(rows), corpus_digest="",
        kit_version=kit_version(), target={"name": "lamp", "version": "2"}, started=moment, finished=moment,
        openapi=contract.openapi, requirements=rows,
    )  # fmt: skip
    return Evidence(provenance, (seen,))


def unchanged(_: dict[str, Any]) -> None:
    """Leave a statement as it is."""


def issue(folder: Path, evidence: Evidence, key: SigningKey | None, change: Callable[[dict[str, Any]], None] = unchanged) -> Issued:
    """Certify evidence in a folder; `change` alters the statement before it is signed, and without a key it is not signed."""
    path = folder / "evidence.ndjson.gz"
    contract = parse_bundle(evidence.provenance.openapi)
    written = write_evidence(path, evidence)
    data = path.read_bytes()
    statement = certificate(contract, evidence, judge(contract, evidence), written, file_digest=digest(data))
    change(statement)
    if key is None:
        return Issued(certificate_bytes(statement), data, statement)
    return Issued(envelope_bytes(signed(canonical_bytes(statement), key)), data, statement)
