"""The rooms of the server, one for each contract, and which versions are served together."""

from __future__ import annotations

from collections.abc import Iterable

from assay_contracts import Contract, ContractId, list_contracts, load_contract

from assay_server.contract_room import ContractRoom, Unservable, check_room
from assay_server.executive.room import ExecutiveRoom
from assay_server.executive.store.store import MIGRATIONS as EXECUTIVE_SCHEMA
from assay_server.jobs.store import MIGRATIONS as JOBS_SCHEMA
from assay_server.operations.discovery import DISCOVERY
from assay_server.reliability.room import ReliabilityRoom
from assay_server.reliability.store.store import MIGRATIONS as RELIABILITY_SCHEMA
from assay_server.windowing.room import WindowingRoom
from assay_server.windowing.store.store import MIGRATIONS as WINDOWING_SCHEMA

SCHEMAS = (RELIABILITY_SCHEMA, JOBS_SCHEMA, EXECUTIVE_SCHEMA, WINDOWING_SCHEMA)
"""The migrations of every store."""

ROOMS: tuple[ContractRoom, ...] = (ReliabilityRoom(), ExecutiveRoom(), WindowingRoom())


def room_for(contract: Contract, rooms: tuple[ContractRoom, ...] = ROOMS) -> ContractRoom:
    """The room that serves a contract; raises `Unservable` with the versions that can be served."""
    for room in rooms:
        if room.contract == contract.id.name and contract.id.version in room.versions:
            check_room(room, contract)
            return room
    served = ", ".join(f"{room.contract}@{version}" for room in rooms for version in sorted(room.versions))
    raise Unservable(f"cannot serve {contract.id}: this server serves {served}; choose one of them with --contract")


def every_contract(rooms: tuple[ContractRoom, ...] = ROOMS) -> list[str]:
    """Each contract that has a room, in the newest version of each major, which answers the older ones as well."""
    newest: dict[tuple[str, int], ContractId] = {}
    for id in list_contracts():
        if any(room.contract == id.name and id.version in room.versions for room in rooms):
            key = id.name, id.precedence[0]
            newest[key] = max(id, newest.get(key, id), key=lambda known: known.precedence)
    return [str(newest[key]) for key in sorted(newest)]


def load_contracts(names: Iterable[str]) -> list[Contract]:
    """The contracts of these names; raises `Unservable` when two of them have the same operation on the same path."""
    contracts = [load_contract(name) for name in names]
    bound: dict[tuple[str, str], ContractId] = {}
    for contract in contracts:
        for operation in contract.operations:
            owner = bound.setdefault((operation.method, operation.path), contract.id)
            if owner is not contract.id and operation.id not in DISCOVERY:
                raise Unservable(
                    f"cannot serve {owner} and {contract.id} together: both have {operation.method} {operation.path}; "
                    "choose one of them with --contract"
                )
    return contracts
