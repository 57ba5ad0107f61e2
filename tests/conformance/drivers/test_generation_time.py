"""The driver of the time of generation: how often it asks, and how long it waits."""

from __future__ import annotations

import asyncio

import pytest
from assay_conformance.driver_context import DriverContext, HookClient, Wire
from assay_conformance.drivers import generation_time
from assay_conformance.evidence import Exchange, Journal, Provenance
from assay_conformance.target_manifest import parse_target
from assay_conformance.target_needs import needs_of

from tests.conformance.strangers import test_law as law
from tests.conformance.strangers.server import serving


def test_each_operation_is_asked_before_and_after_one_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """The longest documented age is three seconds; two and a half are taken off here."""
    monkeypatch.setattr(generation_time, "MORE_SECONDS", -2.5)

    async def drive() -> tuple[Exchange, ...]:
        contract, _ = law.loaded("a-time-of-generation")
        manifest = law.SHAPES["a-time-of-generation"]["manifest"]
        stranger = law.SERVERS["a-time-of-generation"](law.SHAPES["a-time-of-generation"]["contract"], {}, {"name": "pier"})
        async with serving(stranger) as address:
            target, journal = parse_target(manifest, "manifest", http=address, needs=needs_of(contract)), Journal()
            wire, hook = Wire(target, journal), HookClient(target)
            try:
                await generation_time.drive(DriverContext(contract, target, journal, wire, hook))
            finally:
                await wire.close()
                await hook.close()
            return journal.close(Provenance(str(contract.id), contract.digest, "", "", "", {}, "")).of(Exchange)

    found = asyncio.run(drive())

    assert [(item.subject, item.answer.succeeded) for item in found] == [("listStations", True), ("getStation", True)] * 2
    assert found[2].sent - found[1].sent >= 0.5
