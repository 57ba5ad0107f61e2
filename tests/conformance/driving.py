"""One driver by itself against a server in memory, and what it wrote down."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from assay_conformance.driver_context import DriverContext, HookClient, Wire
from assay_conformance.evidence import Evidence, Journal, Provenance
from assay_conformance.run_plan import Driver
from assay_contracts import Contract, load_contract, parse_bundle

from .honest import Honest, running

CONTRACT: Contract = parse_bundle(load_contract("reliability@1.0.0").openapi)


def evidence_of(drive: Driver, server: Honest | None = None, **changes: Any) -> Evidence:
    """The records of one driver against a server, its target changed in some fields (`hook=None`, `waivers={...}`)."""

    async def run() -> Evidence:
        honest = server or Honest()
        async with running(honest) as address:
            target = replace(honest.target(address), **changes)
            journal = Journal()
            wire, hook = Wire(target, journal), HookClient(target)
            try:
                await drive(DriverContext(CONTRACT, target, journal, wire, hook))
            finally:
                await wire.close()
                await hook.close()
            return journal.close(Provenance(str(CONTRACT.id), CONTRACT.digest, "", "", "", target.described(), ""))

    return asyncio.run(run())


def query_of(pairs: tuple[tuple[str, str], ...]) -> Mapping[str, str]:
    """A query whose names occur once."""
    return dict(pairs)
