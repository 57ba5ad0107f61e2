"""Nothing is tied to analytics: a shop and a chat room, written by other people, are contracts like any other."""

from __future__ import annotations

import time
from pathlib import Path

import jsonschema_rs
import pytest
from assay_contracts import Contract, find_documents, load_contract, parse_bundle, read_vocabulary
from assay_contracts.lint import lint_files

FOREIGN = Path(__file__).parent.parent / "foreign"
FILES = sorted(FOREIGN.glob("*.yaml"))


@pytest.fixture(scope="module")
def shop() -> Contract:
    return load_contract(FOREIGN / "shop.yaml")


@pytest.fixture(scope="module")
def chat() -> Contract:
    return load_contract(FOREIGN / "chat.yaml")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_it_is_clean(path: Path) -> None:
    """Rules ask for nothing that only the contracts of this repository have."""
    assert [finding for finding in lint_files([path]) if finding.level == "error"] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_it_comes_back_from_its_bundle_the_same(path: Path) -> None:
    """Evidence of a foreign server embeds a foreign contract."""
    contract = load_contract(path)

    assert parse_bundle(contract.openapi, contract.asyncapi) == contract


def test_the_shop_promises_what_it_annotates(shop: Contract) -> None:
    """Offset pages, orders, a filter, replays: each brings its clauses, and what was left out brings none."""
    promised = {(promise.clause.id, promise.subject) for promise in shop.promises}

    assert {("PAG-001", "listProducts"), ("ORD-001", "listProducts"), ("FIL-002", "listProducts"), ("IDE-002", "placeOrder")} <= promised
    assert {clause for clause, _ in promised}.isdisjoint({"PAG-004", "PAG-007", "WIN-011", "COR-001", "VER-001"})
    assert {subject for _, subject in promised} == {*(operation.id for operation in shop.operations), "contract"}


def test_what_a_shop_promises_in_its_own_words_stands_beside_the_vocabulary(shop: Contract) -> None:
    """Its own clauses keep their ids, levels and subjects."""
    own = {
        (promise.clause.id, promise.clause.level, promise.subject) for promise in shop.promises if promise.clause.annotation == "x-clauses"
    }

    assert own == {("SHO-001", "MUST", "placeOrder"), ("SHO-002", "SHOULD", "contract")}


def test_the_two_use_the_whole_vocabulary(shop: Contract, chat: Contract) -> None:
    """There is no annotation that only analytics could carry."""
    used = {
        name
        for contract in (shop, chat)
        for holder in (
            contract.openapi,
            contract.asyncapi or {},
            *(operation.annotations for operation in contract.operations),
            *(channel.annotations for channel in contract.channels),
        )
        for name in holder
        if name.startswith("x-")
    }

    assert used == {name for name in read_vocabulary(find_documents()).annotations if name.startswith("x-")}


def test_the_shop_reads_errors_in_its_own_words(shop: Contract) -> None:
    """Codes, categories and the places in a problem document are the shop's, not ours."""
    taxonomy = shop.taxonomy

    assert taxonomy is not None
    assert set(taxonomy.categories) == {"input", "access", "outage"}
    assert taxonomy.codes["CLOSED"].retryable
    assert (taxonomy.envelope["code"], taxonomy.envelope["message"]) == ("/code", "/detail")
    assert set(shop.operation("listProducts").responses["503"].content) == {"application/problem+json"}


def test_the_chat_promises_a_stream(chat: Contract) -> None:
    """A document without operations is a contract: channels, both directions, the clauses of a stream."""
    room = chat.channel("room")
    clauses = {promise.clause.id for promise in chat.promises}

    assert (chat.operations, {channel.id for channel in chat.channels}) == ((), {"room", "upload"})
    assert (set(room.sent), set(room.received)) == ({"hello", "moves", "beat"}, {"say"})
    assert {"CHA-001", "STR-001", "STR-002", "STR-005"} <= clauses


def test_the_chat_shows_only_messages_that_fit(chat: Contract) -> None:
    """Each example is what its payload allows."""
    examples = [(message, example) for channel in chat.channels for message in channel.messages.values() for example in message.examples]

    assert examples
    for message, example in examples:
        jsonschema_rs.Draft202012Validator(dict(message.payload)).validate(example)


@pytest.mark.parametrize("final", [["there", "gone"], ["lost", "under way"]])
def test_a_final_state_that_no_message_can_state_is_found(final: list[str], tmp_path: Path) -> None:
    """A reader would wait for an end that never comes."""
    path = tmp_path / "chat.yaml"
    path.write_text(
        (FOREIGN / "chat.yaml").read_text(encoding="utf-8").replace("final: [there, lost]", f"final: {final}"), encoding="utf-8"
    )

    assert [finding.rule for finding in lint_files([path])] == ["job-states-differ-from-the-schema"]


def test_linting_both_takes_less_than_a_second() -> None:
    """Files of anyone are as quick as our own."""
    start = time.process_time()
    for path in FILES:
        lint_files([path])

    assert time.process_time() - start < 1
