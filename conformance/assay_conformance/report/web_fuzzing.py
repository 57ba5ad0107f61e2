"""The failures of a run as a Web Fuzzing Commons report, by which tools that test web APIs are compared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assay_contracts import parse_bundle

from assay_conformance.evidence import Evidence, Exchange, Record
from assay_conformance.report.causes import SERVER_ERROR, leaves
from assay_conformance.verdicts import Outcome, Row, Verdict

SCHEMA = "0.2.0"
INTERNAL_ERROR, INVALID_RESPONSE, ACCEPTED_INVALID, OWN = 100, 101, 102, 900
"""The codes of faults: a status of 500, a response that is invalid by its schema, success for an invalid request, and one of our own."""
_CODES = {"OP-001": INVALID_RESPONSE, "OP-002": INVALID_RESPONSE, "OP-006": ACCEPTED_INVALID}


def web_fuzzing_report(outcome: Outcome, evidence: Evidence) -> dict[str, Any]:
    """Every operation with the statuses that were seen, and every failed row with its category.

    A clause without a category of the commons has code 900, and its id as the context. There are no test files: the evidence has the
    requests.
    """
    provenance = evidence.provenance
    contract = parse_bundle(provenance.openapi, provenance.asyncapi)
    endpoints = {operation.id: f"{operation.method}:{operation.path}" for operation in contract.operations}
    known = {record.id: record for record in evidence.records}
    exchanges = evidence.of(Exchange)
    failed = [row for row in outcome.rows if row.verdict is Verdict.FAIL]
    faults = [fault for row in failed for fault in _faults(row, known, endpoints)]
    statuses: dict[str, set[int]] = {}
    for exchange in exchanges:
        if exchange.subject in endpoints and exchange.response is not None:
            statuses.setdefault(exchange.subject, set()).add(exchange.answer.status)
    return {
        "schemaVersion": SCHEMA,
        "toolName": "assay",
        "toolVersion": provenance.kit_version,
        "creationTime": provenance.finished or provenance.started,
        "faults": {"totalNumber": len({_identity(fault) for fault in faults}), "foundFaults": faults},
        "problemDetails": {
            "rest": {
                "totalHttpCalls": len(exchanges),
                "outputHttpCalls": len(exchanges),
                "evaluatedHttpCalls": len(exchanges),
                "endpointIds": sorted(endpoints.values()),
                "coveredHttpStatus": [
                    {"endpointId": endpoints[subject], "testCaseId": subject, "httpStatus": sorted(seen)}
                    for subject, seen in sorted(statuses.items())
                ],
            }
        },
        "totalTests": len(outcome.rows),
        "testFilePaths": [],
        "testCases": [{"id": f"{row.clause}@{row.subject}", "name": row.sentence} for row in outcome.rows],
    }


def _faults(row: Row, known: Mapping[str, Record], endpoints: Mapping[str, str]) -> list[dict[str, Any]]:
    """The faults of one row: one for each operation that its evidence shows, none for a row of channels alone."""
    steps = [step for name in row.records for step in leaves(known.get(name)) if isinstance(step, Exchange)]
    broken = any(step.answer.status == SERVER_ERROR for step in steps)
    code = INTERNAL_ERROR if broken else _CODES.get(row.clause, OWN)
    category: dict[str, Any] = {"code": code, "context": row.clause}
    subjects = {row.subject} if row.subject in endpoints else {step.subject for step in steps if step.subject in endpoints}
    return [
        {
            "operationId": endpoints[subject],
            "endpointId": endpoints[subject],
            "testCaseId": f"{row.clause}@{row.subject}",
            "faultCategories": [category],
        }
        for subject in sorted(subjects)
    ]


def _identity(fault: Mapping[str, Any]) -> tuple[Any, ...]:
    (category,) = fault["faultCategories"]
    return fault["operationId"], category["code"], category["context"]
