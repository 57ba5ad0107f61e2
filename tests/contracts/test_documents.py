"""The contracts of the repository say everything that they should, drafts included."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from assay_contracts import ContractId, find_documents, list_contracts, load_contract
from assay_contracts.cli import run
from assay_contracts.lint import lint_contracts
from assay_contracts.locking import bundle_all, check_lock, status_of
from assay_contracts.references import Library, references
from assay_contracts.requirements import check_all_requirements

CONTRACTS = list_contracts()
CODES = {
    "FORBIDDEN_SCOPE", "FORBIDDEN_TENANT", "IDEMPOTENCY_CONFLICT", "IDEMPOTENCY_IN_PROGRESS", "INVALID_BODY", "INVALID_CURSOR",
    "INVALID_FILTER", "INVALID_PAGE_SIZE", "INVALID_PARAMETER", "INVALID_SORT", "INVALID_WINDOW", "METHOD_NOT_ALLOWED", "NOT_FOUND",
    "PAYLOAD_TOO_LARGE", "RATE_LIMITED", "SCHEMA_MISMATCH", "SERVICE_UNAVAILABLE", "STORE_BUSY", "UNAUTHENTICATED", "UNHANDLED",
    "UNSUPPORTED_MEDIA_TYPE", "UPSTREAM_TIMEOUT",
}  # fmt: skip


def test_every_version_is_here_and_says_where_it_stands() -> None:
    """Seven versions; the one that a server is certified against is released, the others are drafts."""
    found = {str(contract): status_of(find_documents(), contract) for contract in CONTRACTS}

    assert found == {
        "executive@1.0.0": "draft",
        "executive@1.1.0": "draft",
        "reliability@1.0.0": "released",
        "reliability@1.1.0": "draft",
        "windowing@1.0.0": "draft",
        "windowing@2.0.0": "draft",
        "windowing@2.1.0": "draft",
    }


@pytest.mark.parametrize("contract_id", CONTRACTS, ids=str)
def test_every_operation_and_every_message_carries_a_clause(contract_id: ContractId) -> None:
    """Nothing is in a contract that nothing is promised of, and a message is promised with its channel."""
    contract = load_contract(str(contract_id))
    promised = {promise.subject for promise in contract.promises}

    assert {operation.id for operation in contract.operations} | {channel.id for channel in contract.channels} <= promised
    assert all(set(channel.messages) == {*channel.sent, *channel.received} for channel in contract.channels)


def test_every_error_code_is_declared_by_some_operation() -> None:
    """Of the codes that the contracts share, none is idle and none is unknown."""
    contracts = [load_contract(str(contract)) for contract in CONTRACTS]
    declared = {code for contract in contracts for operation in contract.operations for code in operation.error_codes}

    assert {code for contract in contracts if contract.taxonomy for code in contract.taxonomy.codes} == CODES
    assert declared == CODES


@pytest.mark.parametrize("contract_id", CONTRACTS, ids=str)
def test_everything_is_described(contract_id: ContractId) -> None:
    """Operations, parameters, answers, headers and schemas say what they are, down to each member."""
    contract = load_contract(str(contract_id))
    # The members of an error were described later than the version that was released first.
    known = (
        {"code", "category", "retryable", "httpStatus", "error"} if status_of(find_documents(), contract_id) == "released" else set[str]()
    )
    silent = [
        operation.id
        for operation in contract.operations
        if not contract.openapi["paths"][operation.path][operation.method.lower()].get("summary")
    ]
    for document in (contract.openapi, contract.asyncapi or {}):
        components = document.get("components", {})
        for section in ("parameters", "headers", "responses", "securitySchemes", "schemas"):
            for name, component in components.get(section, {}).items():
                if section != "securitySchemes" or document is contract.openapi:
                    silent += list(_silent(component, f"{section}/{name}", known))

    assert silent == []


def _silent(value: dict[str, Any], where: str, known: set[str]) -> Iterator[str]:
    """The schemas and other components below a place that do not say what they are."""
    if "$ref" not in value and not value.get("description") and where.rpartition("/")[2] not in known:
        yield where
    for name, member in value.get("properties", {}).items():
        yield from _silent(member, f"{where}/{name}", known)


@pytest.mark.parametrize("contract_id", CONTRACTS, ids=str)
def test_no_component_is_idle(contract_id: ContractId) -> None:
    """Each named component of a document is referred to, or stands for the items that a batch takes one by one."""
    for path in find_documents().sources(contract_id):
        if path is None:
            continue
        data = Library().read(path).data
        used = {reference.text.removeprefix("#") for reference in references(data)}
        named = {f"/components/{section}/{name}" for section, members in data["components"].items() for name in members}
        idle = {pointer for pointer in named - used if not pointer.startswith("/components/securitySchemes/")}

        assert idle <= {"/components/schemas/Event", "/components/schemas/NostrEvent"}


@pytest.mark.parametrize("contract_id", CONTRACTS, ids=str)
def test_a_job_can_be_followed_by_its_links(contract_id: ContractId) -> None:
    """From the answer that starts a job, links lead to reading it, ending it and fetching its result."""
    contract = load_contract(str(contract_id))
    for start in contract.operations:
        job = start.annotations.get("x-job", {})
        if job.get("role") != "start":
            continue
        answers = contract.openapi["paths"][start.path][start.method.lower()]["responses"]
        poll = contract.operation(job["operations"]["poll"])
        onward = contract.openapi["paths"][poll.path][poll.method.lower()]["responses"]["200"]["links"]
        begun = {link["operationId"] for link in answers["202"]["links"].values()}

        assert begun == {job["operations"]["poll"], job["operations"]["cancel"]}
        assert {link["operationId"] for link in onward.values()} == {*begun, job["operations"]["result"]}


def test_every_lock_and_requirement_set_holds() -> None:
    """What was released is what it was."""
    bundles = bundle_all(find_documents())

    assert (*check_lock(find_documents(), bundles), *check_all_requirements(find_documents())) == ()


@pytest.mark.parametrize("contract_id", CONTRACTS, ids=str)
def test_a_version_is_clean_by_itself(contract_id: ContractId) -> None:
    """Releasing lints one version: waivers that others need are no finding of it."""
    assert lint_contracts([contract_id]) == ()


@pytest.mark.parametrize("contract_id", CONTRACTS, ids=str)
def test_every_draft_waits_for_nothing_but_its_certificate(contract_id: ContractId, capsys: pytest.CaptureFixture[str]) -> None:
    """It has no findings and refers to nothing that may change; the released one stays as it is."""
    draft = status_of(find_documents(), contract_id) == "draft"

    assert run(["contracts", "release", str(contract_id)]) == int(draft)
    assert ("expected a certificate of the reference server, got none" in capsys.readouterr().err) == draft
