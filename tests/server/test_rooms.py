"""A contract finds its room, or is rejected before anything is started."""

from __future__ import annotations

from dataclasses import replace

import pytest
from assay_contracts import Contract, list_contracts, load_contract
from assay_server.contract_room import Unservable, check_room
from assay_server.http.contract_view import ServedContract
from assay_server.reliability.room import ReliabilityRoom
from assay_server.rooms import ROOMS, room_for

ROOM = ReliabilityRoom()


@pytest.fixture
def contract() -> Contract:
    """A contract that is served."""
    return load_contract("reliability@1.0.0")


@pytest.mark.parametrize("name", [str(entry) for entry in list_contracts()])
def test_every_listed_version_is_served_or_rejected_in_one_sentence(name: str) -> None:
    """Never an error of another kind."""
    contract = load_contract(name)
    served = {f"{room.contract}@{version}" for room in ROOMS for version in room.versions}
    if name in served:
        assert ServedContract(contract).endpoints.keys() == room_for(contract).operations
    else:
        with pytest.raises(Unservable, match=rf"cannot serve {name}: this server serves .*; choose one of them with --contract"):
            room_for(contract)


def test_an_operation_without_a_handler_is_named(contract: Contract) -> None:
    """The contract grew and the server did not."""
    grown = replace(contract, operations=(*contract.operations, replace(contract.operations[0], id="listNothing")))

    with pytest.raises(Unservable, match="the server has no handler for listNothing"):
        check_room(ROOM, grown)


def test_a_handler_without_an_operation_is_named(contract: Contract) -> None:
    """The server has what the contract lacks."""
    with pytest.raises(Unservable, match=f"the contract lacks {contract.operations[0].id}, which the server handles"):
        check_room(ROOM, replace(contract, operations=contract.operations[1:]))


def test_a_contract_without_the_feed_is_rejected(contract: Contract) -> None:
    """A room with a feed serves contracts with a feed."""
    with pytest.raises(Unservable, match="its feed and the server's do not match"):
        check_room(ROOM, replace(contract, channels=()))
