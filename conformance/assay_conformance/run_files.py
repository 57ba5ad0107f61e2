"""The files that a run leaves: evidence, reports, and a certificate or the verdict without one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from assay_contracts import UsageError, canonical_bytes, digest

if TYPE_CHECKING:
    from assay_signing import SigningKey

    from assay_conformance.certifying import Certification

CERTIFICATE, VERDICT, EVIDENCE = "certificate.json", "verdict.json", "evidence.ndjson.gz"
"""What a run writes: a certificate, or a statement of the same form that says why there is none; and what it rests on."""


def write_run(out: Path, result: Certification, key: SigningKey | None = None, *, profile: str | None = None) -> dict[str, Any]:
    """Write everything into a folder that exists; gives the statement.

    With a key a certificate is signed. `profile` is that of a run which gives none.
    """
    from assay_conformance.certificate import certificate, certificate_bytes
    from assay_conformance.evidence import write_evidence
    from assay_conformance.report import write_reports

    written = write_evidence(out / EVIDENCE, result.evidence)
    file_digest = digest((out / EVIDENCE).read_bytes())
    statement = certificate(
        result.contract, result.evidence, result.outcome, written, result.reason, file_digest=file_digest, profile=profile
    )
    write_reports(out, result.outcome, result.evidence, statement)
    certified = statement["predicate"]["verdict"] == "certified"
    data = certificate_bytes(statement)
    if key is not None and certified:
        from assay_signing import envelope_bytes, signed

        data = envelope_bytes(signed(canonical_bytes(statement), key))
    write_whole(out / (CERTIFICATE if certified else VERDICT), data)
    return statement


def write_whole(path: Path, data: bytes) -> None:
    """Write a file all at once: a reader sees the old one or the new one, never a part."""
    unfinished = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_bytes(data)
        unfinished.replace(path)
    except OSError as error:
        raise UsageError(str(path), expected="a file that can be written", actual=error.strerror or str(error)) from None
