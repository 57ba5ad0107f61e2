"""What a contract needs of a target manifest: no tenant where it knows none, no credential where nothing is secured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from assay_contracts import Contract, Operation
from assay_contracts.json_types import is_mapping

from assay_conformance.authorization import channel_schemes
from assay_conformance.job_terms import job_start
from assay_conformance.resources import creator_of, list_of
from assay_conformance.target import Target, places_of

ROLES = ("primary", "other", "empty")
"""The roles of tenants, and of the credentials that cover one each."""


@dataclass(frozen=True, slots=True)
class Needs:
    """The roles that a manifest must name."""

    credentials: tuple[str, ...] = ROLES
    tenants: tuple[str, ...] = ROLES


def needs_of(contract: Contract) -> Needs:
    """What the manifest of a target of this contract must name: roles of credentials, and roles of tenants.

    Three roles of each for a contract that separates tenants, `primary` alone where a credential is required, else none.
    """
    if has_tenants(contract):
        return Needs()
    secured = any(item.secured for item in contract.operations) or any(channel_schemes(contract, item.id) for item in contract.channels)
    return Needs(("primary",) if secured else (), ())


def has_tenants(contract: Contract) -> bool:
    """Whether some operation or feed of a contract separates tenants."""
    if any("x-tenancy" in operation.annotations for operation in contract.operations):
        return True
    streams = (channel.annotations.get("x-stream") for channel in contract.channels)
    return any(is_mapping(stream) and "tenancy" in stream for stream in streams)


def missing_values(contract: Contract, target: Target) -> Iterator[str]:
    """Each parameter of a path for which neither the manifest nor the contract has a source of values, as one line of advice."""
    if target.fixtures.get("command"):
        return
    known: Mapping[str, object] = target.fixtures.get("parameters", {})
    named: set[str] = set()
    for subject, template in _templates(contract):
        for place, name in places_of(template):
            if name in known or place in known or place in named:
                continue
            if all(source(contract, place) is None for source in (creator_of, list_of, job_start)):
                named.add(place)
                yield (
                    f'{subject} needs a value of {{{name}}}: add `parameters = {{ {_key(place, name, contract)} = "…" }}` under [fixtures]'
                )


def missing_credentials(contract: Contract, target: Target) -> Iterator[str]:
    """Each credential without which a promise stays open, as one line of advice."""
    scoped = next((item for item in contract.operations if item.scopes and item.secured), None)
    if scoped is not None and not target.has_credential("unscoped"):
        yield (
            f"{scoped.id} needs the scope {scoped.scopes[0]}: add `unscoped`, a credential that lacks it, under [credentials]; "
            "without it, nothing shows that the scope is required"
        )
    shared = belonging_to_subjects(contract)
    if shared is not None and not target.has_credential("other"):
        yield (
            f"{shared.id} keeps what belongs to one subject: add `other`, a credential of another subject with the same rights, under "
            "[credentials]; without it, nothing shows that nobody else gets it"
        )


def belonging_to_subjects(contract: Contract) -> Operation | None:
    """An operation whose jobs or idempotency keys belong to whoever sent the request; None where there is none."""
    own = ("x-job", "x-idempotency")
    return next((item for item in contract.operations if item.secured and any(name in item.annotations for name in own)), None)


def _templates(contract: Contract) -> Iterator[tuple[str, str]]:
    yield from ((operation.id, operation.path) for operation in contract.operations)
    yield from ((channel.id, channel.address) for channel in contract.channels)


def _key(place: str, name: str, contract: Contract) -> str:
    """The key of the manifest: the name alone unless two places share it."""
    places = {found for _, template in _templates(contract) for found, other in places_of(template) if other == name}
    return name if len(places) == 1 and name.replace("_", "").replace("-", "").isalnum() else f'"{place}"'
