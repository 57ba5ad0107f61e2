"""Every contract of the repository loads, quickly, and comes back from its bundle the same."""

import json

import jsonschema_rs
import pytest
from assay_contracts import ContractId, list_contracts, load_contract, parse_bundle

CONTRACTS = list_contracts()


@pytest.mark.parametrize("contract_id", CONTRACTS, ids=str)
def test_a_contract_comes_back_from_its_bundle_the_same(contract_id: ContractId) -> None:
    """Evidence embeds the bundle: what is read back is equal, with the same digest."""
    contract = load_contract(str(contract_id))

    again = parse_bundle(
        json.loads(json.dumps(contract.openapi, sort_keys=True)),
        json.loads(json.dumps(contract.asyncapi, sort_keys=True)) if contract.asyncapi else None,
    )

    assert contract == again
    assert contract_id == again.id


@pytest.mark.parametrize("contract_id", CONTRACTS, ids=str)
def test_every_schema_stands_alone(contract_id: ContractId) -> None:
    """A validator is built from each schema with nothing else at hand."""
    contract = load_contract(str(contract_id))
    schemas = [
        schema
        for operation in contract.operations
        for response in operation.responses.values()
        for schema in (*response.content.values(), *(header.schema for header in response.headers.values()))
    ]
    schemas += [parameter.schema for operation in contract.operations for parameter in operation.parameters]
    schemas += [message.payload for channel in contract.channels for message in channel.messages.values()]

    assert schemas
    for schema in schemas:
        jsonschema_rs.Draft202012Validator(dict(schema))


@pytest.mark.parametrize("contract_id", CONTRACTS, ids=str)
def test_message_examples_fit_their_payloads(contract_id: ContractId) -> None:
    """What a channel shows as an example is what its schema allows."""
    for channel in load_contract(str(contract_id)).channels:
        for message in channel.messages.values():
            validator = jsonschema_rs.Draft202012Validator(dict(message.payload))
            for example in message.examples:
                validator.validate(example)
