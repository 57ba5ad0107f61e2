"""Files a certificate in a registry."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

from assay_conformance.verifying import Trust, verify

from assay_registry.entries import CERTIFICATE, ENTRY, EVIDENCE, KEYS, Runner, complaints, entry_of, folder_of, known_keys
from assay_registry.errors import EntryRefused


def file_certificate(registry: Path, certificate: bytes, evidence: bytes, runner: Runner, now: dt.datetime) -> Path:
    """Write the entry of a certificate with its evidence; gives its folder.

    Raises `EntryRefused` for a certificate that is not accepted, for a runner with another key, and for an entry that is there already
    with another certificate: what was filed is not changed.
    """
    found = verify(certificate, evidence, Trust((runner.key,)), now)
    if not found.accepted:
        wrong = next(step for step in found.steps if step.holds is False)
        raise EntryRefused("the certificate is not accepted", expected=f"that its {wrong.name} holds", actual=wrong.detail)
    keys = known_keys(registry)
    if runner.name in keys and runner.key not in keys[runner.name]:
        raise EntryRefused(
            f"{runner.name} is known with another key", expected=", ".join(keys[runner.name]), actual=runner.key,
            next_step=f"add the new one to {registry / KEYS} once you have reviewed it",
        )  # fmt: skip
    entry = entry_of(found.statement, certificate, evidence, runner, now)
    wrong_form = complaints(entry)
    if wrong_form:
        raise EntryRefused("the entry", expected="what its schema allows", actual=wrong_form[0])
    folder = folder_of(registry, entry)
    if (folder / CERTIFICATE).exists() and (folder / CERTIFICATE).read_bytes() != certificate:
        raise EntryRefused(f"{folder} holds another certificate", expected="an implementation version that is not filed yet")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / CERTIFICATE).write_bytes(certificate)
    (folder / EVIDENCE).write_bytes(evidence)
    (folder / ENTRY).write_text(json.dumps(entry, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    if runner.name not in keys:
        with (registry / KEYS).open("a", encoding="utf-8") as file:
            file.write(f"{json.dumps(runner.name)} = {json.dumps(runner.key)}\n")
    return folder
