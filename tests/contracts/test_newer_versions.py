"""A newer minor version of a contract keeps the promises of the older one."""

from __future__ import annotations

import copy
from typing import Any

import jsonschema_rs
import pytest
from assay_contracts import Contract, ContractId, list_contracts, load_contract
from assay_contracts.json_types import is_mapping

from .examples_of import response_examples

VERSION = "schemaVersion"


def _major(contract_id: ContractId) -> tuple[str, str]:
    return contract_id.name, contract_id.version.split(".")[0]


NEIGHBOURS = [
    (older, newer) for older, newer in zip(list_contracts(), list_contracts()[1:], strict=False) if _major(older) == _major(newer)
]


def requested(body: Any, contract: Contract) -> Any:
    """A payload as a client gets it that asked for the version of `contract`: it states that version."""
    if not is_mapping(body) or VERSION not in body:
        return body
    return {**copy.deepcopy(dict(body)), VERSION: contract.id.version}


def test_every_minor_version_has_its_neighbour() -> None:
    """What is compared below is not empty, and each pair is of one major version."""
    assert {(str(older), str(newer)) for older, newer in NEIGHBOURS} >= {
        ("executive@1.0.0", "executive@1.1.0"),
        ("reliability@1.0.0", "reliability@1.1.0"),
        ("windowing@2.0.0", "windowing@2.1.0"),
    }


@pytest.mark.parametrize(("older_id", "newer_id"), NEIGHBOURS, ids=str)
def test_a_newer_payload_fits_the_older_schemas(older_id: ContractId, newer_id: ContractId) -> None:
    """A server of the newer version, asked for the older one, answers what the older contract describes."""
    older, newer = load_contract(str(older_id)), load_contract(str(newer_id))
    known = {operation.id: operation for operation in older.operations}
    compared = 0
    for operation_id, status, media, body in response_examples(newer):
        response = known[operation_id].responses.get(status) if operation_id in known else None
        if response is not None and media in response.content:
            jsonschema_rs.Draft202012Validator(dict(response.content[media])).validate(requested(body, older))
            compared += 1

    assert compared > 0


@pytest.mark.parametrize(("older_id", "newer_id"), NEIGHBOURS, ids=str)
def test_a_newer_message_fits_the_older_schemas(older_id: ContractId, newer_id: ContractId) -> None:
    """The same of the messages that a server sends."""
    older, newer = load_contract(str(older_id)), load_contract(str(newer_id))
    for channel in older.channels:
        after = newer.channel(channel.id)
        for name in channel.sent:
            validator = jsonschema_rs.Draft202012Validator(dict(channel.messages[name].payload))
            for example in after.messages[name].examples:
                validator.validate(requested(example, older))


@pytest.mark.parametrize("contract_id", [id for id in list_contracts() if id.version != "1.0.0"], ids=str)
def test_a_minor_version_can_be_requested(contract_id: ContractId) -> None:
    """Every operation that states versions accepts a request for each minor version of its major so far."""
    contract = load_contract(str(contract_id))
    major, minor, _ = contract_id.version.split(".")
    for operation in contract.operations:
        for parameter in operation.parameters:
            if parameter.name == "Accept-Schema-Version":
                accepted = jsonschema_rs.Draft202012Validator(dict(parameter.schema))
                assert all(accepted.is_valid(f"{major}.{earlier}") for earlier in range(int(minor) + 1))
                assert not accepted.is_valid(f"{major}.{int(minor) + 1}")
