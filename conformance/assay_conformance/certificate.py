"""The certificate: an in-toto statement about one implementation and one contract version.

A run that does not certify is written in the same form with the verdict `not-certified`, so that a pipeline can read both.
`assay_signing` puts a DSSE envelope around a statement.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from typing import Any

from assay_contracts import Contract, DocumentMissing, canonical_bytes, digest
from assay_contracts.draft_status import is_draft
from assay_contracts.requirements import Requirement, load_requirements

from assay_conformance.evidence import Evidence
from assay_conformance.provenance import kit_digest
from assay_conformance.verdicts import Outcome, Row

STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "https://assay.dev/conformance/v1"
VALID_DAYS = 90


def certificate(
    contract: Contract,
    evidence: Evidence,
    outcome: Outcome,
    evidence_digest: str,
    reason: str | None = None,
    *,
    file_digest: str | None = None,
    profile: str | None = None,
) -> dict[str, Any]:
    """The certificate as an in-toto statement, ready for JSON.

    `evidence_digest` is the digest of the uncompressed evidence, `file_digest` that of the file as it lies on disk.
    `reason` says why the run was aborted; such a run is not certified. A statement of a run that is not
    certified lists the blocking rows. `profile` names one that is not full; it gives no certificate.
    """
    provenance = evidence.provenance
    certified = outcome.certified and reason is None and profile is None
    name, version = str(provenance.target["name"]), str(provenance.target["version"])
    finished = dt.datetime.fromisoformat(provenance.finished)
    predicate: dict[str, Any] = {
        "verdict": "certified" if certified else "not-certified",
        "implementation": {"name": name, "version": version},
        "contract": {"name": contract.id.name, "version": contract.id.version, "digest": provenance.contract_digest},
        "requirements": {"digest": provenance.requirements_digest},
        "corpus": {"digest": provenance.corpus_digest},
        "kit": {"name": "assay", "version": provenance.kit_version, "digest": kit_digest()},
        "evidence": {"digest": evidence_digest, "records": len(evidence.records)} | ({"file": file_digest} if file_digest else {}),
        "counts": outcome.counts,
        "waivers": list(outcome.waived),
        "started": provenance.started,
        "finished": provenance.finished,
    }
    if any(map(is_draft, (contract.openapi, contract.asyncapi))):
        predicate["draft"] = True  # what the version promises may still change
    if profile is not None:
        predicate["profile"] = profile
    if certified:
        predicate["expires"] = (finished + dt.timedelta(days=VALID_DAYS)).strftime("%Y-%m-%dT%H:%M:%SZ")
    else:
        predicate["reason"] = reason or "required clauses do not pass"
        predicate["blocking"] = [_blocking(row) for row in outcome.blocking[:50]]
    subject = hashlib.sha256(canonical_bytes({"name": name, "version": version})).hexdigest()
    return {
        "_type": STATEMENT,
        "subject": [{"name": f"{name}@{version}", "digest": {"sha256": subject}}],
        "predicateType": PREDICATE,
        "predicate": predicate,
    }


def required_rows(contract: Contract) -> tuple[dict[str, Any], ...]:
    """The frozen requirement set as the evidence keeps it; empty for a contract without one, where every promise counts."""
    try:
        found: tuple[Requirement, ...] = load_requirements(contract)
    except DocumentMissing:
        return ()
    return tuple(
        {"id": item.clause.id, "level": item.clause.level, "sentence": item.clause.sentence, "subjects": list(item.subjects)}
        for item in found
    )


def requirements_digest(rows: Iterable[dict[str, Any]]) -> str:
    """The digest of a requirement set in the form of `required_rows`."""
    return digest(canonical_bytes(list(rows)))


def certificate_bytes(statement: dict[str, Any]) -> bytes:
    """The statement in the one form that has a digest."""
    return canonical_bytes(statement) + b"\n"


def _blocking(row: Row) -> dict[str, str]:
    found = {"clause": row.clause, "subject": row.subject, "verdict": row.verdict.value, "sentence": row.sentence}
    details = {"expected": row.expected, "actual": row.actual, "about": row.about}
    return found | {name: value for name, value in details.items() if value}
