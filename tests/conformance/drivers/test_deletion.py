"""The driver of deletions, with fixtures of the run's own."""

from __future__ import annotations

import dataclasses

from assay_conformance.driver_context import DriverContext
from assay_conformance.drivers.deletion import drive_changing
from assay_conformance.evidence import Deletion
from assay_conformance.fixture_values import FixtureValues

from .harbour import Call, Reply, contract_of, evidence_of, operation

SHIP = {"name": "ship", "in": "path", "required": True, "schema": {"type": "string"}}
CONTRACT = contract_of(
    {
        "/ships": {"post": operation("build")},
        "/ships/{ship}": {"get": operation("look", (SHIP,)), "delete": operation("sink", (SHIP,))},
        "/quays/{ship}": {"delete": operation("leave", (SHIP,))},
    }
)


def answer(call: Call) -> Reply:
    """Any ship is there."""
    return Reply({"id": "aurora", "method": call.method})


async def with_fixtures(context: DriverContext) -> None:
    """Drive with ships that a command of the manifest names."""
    fixtures = FixtureValues(context.contract, context.wire, context.target)
    await drive_changing(dataclasses.replace(context, fixtures=fixtures))


def test_a_thing_is_read_deleted_and_read_again() -> None:
    """Where the path can be read; a thing of the run's own."""
    found = evidence_of(with_fixtures, CONTRACT, answer, command='echo \'{"ship": "aurora"}\'').of(Deletion)

    assert [item.subject for item in found] == ["sink"]
    assert [(item.before.request.method, item.deleted.request.method, item.after.request.method) for item in found] == [
        ("GET", "DELETE", "GET")
    ]
    assert {exchange.request.path for item in found for exchange in (item.before, item.deleted, item.after)} == {"/ships/aurora"}


def test_nothing_of_the_target_is_deleted() -> None:
    """Without a source of things of its own the run deletes none."""
    assert evidence_of(drive_changing, CONTRACT, answer, ship="boreas").records == ()
