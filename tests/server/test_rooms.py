"""A contract finds its room, or is rejected before anything is started."""

from __future__ import annotations

from dataclasses import replace

import pytest
from assay_contracts import Contract, list_contracts, load_contract
from assay_server.contract_room import Unservable, check_room
from assay_server.http.contract_view import ServedContract
from assay_server.operations.discovery import DISCOVERY
from assay_server.reliability.room import ReliabilityRoom
from assay_server.rooms import ROOMS, every_contract, load_contracts, room_for

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
        offer = room_for(contract).versions[contract.id.version]
        assert ServedContract(contract).endpoints.keys() - DISCOVERY == offer.operations
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
    """A room with a feed serves contracts with that feed."""
    with pytest.raises(Unservable, match="the contract lacks the channel incidentFeed, which the server serves"):
        check_room(ROOM, replace(contract, channels=()))


def test_every_contract_with_a_room_is_served_in_the_newest_version_of_each_major() -> None:
    """An older minor version is answered by the newer one."""
    names = every_contract()
    ids = [contract.id for contract in load_contracts(names)]

    assert {id.name for id in ids} == {room.contract for room in ROOMS}
    assert len({(id.name, id.precedence[0]) for id in ids}) == len(ids)


def test_two_versions_with_the_same_paths_are_not_served_together() -> None:
    """One of them would never be answered."""
    with pytest.raises(Unservable, match=r"cannot serve windowing@2.0.0 and windowing@2.1.0 together: both have [A-Z]+ /api/v2/"):
        load_contracts(["windowing@2.0.0", "windowing@2.1.0"])


def test_a_client_that_names_no_version_gets_the_default() -> None:
    """The newest one, or the one that the operator chose, by major alone as well; one that is not answered is rejected."""
    newest = load_contract("reliability@1.1.0")
    plain, older = (ServedContract(newest, ROOM.versions, default=default) for default in (None, "1.0"))

    assert [plain.version_for(wanted) for wanted in (None, "1", "1.0", "1.1.0")] == ["1.1.0", "1.1.0", "1.0.0", "1.1.0"]
    assert [older.version_for(wanted) for wanted in (None, "1", "1.0.3", "1.1")] == ["1.0.0", "1.0.0", "1.0.0", "1.1.0"]
    with pytest.raises(ValueError, match=r"reliability@1\.1\.0 answers, got 1\.7; it answers 1\.0\.0, 1\.1\.0"):
        ServedContract(newest, ROOM.versions, default="1.7")
