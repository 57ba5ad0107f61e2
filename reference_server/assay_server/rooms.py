"""The rooms of the server, one for each contract."""

from __future__ import annotations

from assay_contracts import Contract

from assay_server.contract_room import ContractRoom, Unservable, check_room
from assay_server.reliability.room import ReliabilityRoom

ROOMS: tuple[ContractRoom, ...] = (ReliabilityRoom(),)


def room_for(contract: Contract, rooms: tuple[ContractRoom, ...] = ROOMS) -> ContractRoom:
    """The room that serves a contract; raises `Unservable` with the versions that can be served."""
    for room in rooms:
        if room.contract == contract.id.name and contract.id.version in room.versions:
            check_room(room, contract)
            return room
    served = ", ".join(f"{room.contract}@{version}" for room in rooms for version in sorted(room.versions))
    raise Unservable(f"cannot serve {contract.id}: this server serves {served}; choose one of them with --contract")
