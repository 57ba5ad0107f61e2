"""A first target manifest for one contract: what it needs, with a comment on each line, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from assay_contracts import Contract, Operation
from assay_contracts.json_types import is_mapping

from assay_conformance.authorization import Scheme, channel_schemes, operation_schemes
from assay_conformance.job_terms import job_start
from assay_conformance.resources import creator_of, list_of
from assay_conformance.target import places_of
from assay_conformance.target_needs import ROLES, belonging_to_subjects, has_tenants, needs_of

_TENANTS = {"primary": "has data", "other": "has other data", "empty": "exists and has none"}


def manifest_draft(contract: Contract, address: str, answers: Mapping[str, int]) -> str:
    """The text of a manifest for a server at an address; `answers` are the statuses that operations gave without a credential."""
    parts = [
        _target(contract, address, answers),
        _credentials(contract),
        _tenants(contract),
        _fixtures(contract),
        _hook(contract),
    ]
    return "\n".join("\n".join(lines) + "\n" for lines in map(list, parts) if lines)


def _target(contract: Contract, address: str, answers: Mapping[str, int]) -> Iterator[str]:
    yield f"# How {contract.id} is certified at {address}: assay certify {address} --contract ... --target <this file>"
    for operation, status in answers.items():
        yield f"# {operation} answered {status} without a credential" if status else f"# {operation} did not answer: is the server running?"
    yield "[target]"
    yield f'name = "{urlsplit(address).netloc}"      # shown in the certificate'
    yield 'version = "0.0.0"      # the version of your implementation'
    yield f'http = "{address}"'
    if contract.channels:
        yield f'ws = "ws{address.removeprefix("http")}"      # the base address of the feed'


def _credentials(contract: Contract) -> Iterator[str]:
    roles = needs_of(contract).credentials
    if not roles:
        return
    scheme = _first_scheme(contract)
    yield "[credentials]      # as written, env:NAME or file:PATH"
    for role in roles:
        covers = f", covers tenants.{role} alone" if has_tenants(contract) else ""
        yield f'{role} = "env:{role.upper()}_TOKEN"      # {_form(scheme)}{covers}'
    if scheme.token_url or _is_oauth2(contract, scheme):
        yield '# primary = { client_id = "...", client_secret = "env:CLIENT_SECRET", scope = "..." }      # or an OAuth 2 client'
    scoped = next((item for item in contract.operations if item.scopes), None)
    if scoped is not None:
        yield f'unscoped = "env:UNSCOPED_TOKEN"      # lacks the scope {scoped.scopes[0]}'
    shared = belonging_to_subjects(contract)
    if shared is not None and "other" not in roles:
        yield f'other = "env:OTHER_TOKEN"      # of another subject with the same rights: {shared.id} keeps what belongs to one'
    yield '# expired = "env:EXPIRED_TOKEN"      # past its expiry, where yours expire'
    yield '# another-audience = "env:TOKEN_FOR_ANOTHER_SERVICE"      # signed by the same issuer, where yours name an audience'


def _tenants(contract: Contract) -> Iterator[str]:
    if not has_tenants(contract):
        return
    yield "[tenants]"
    for role in ROLES:
        yield f'{role} = "tenant-{role}"      # {_TENANTS[role]}'


def _fixtures(contract: Contract) -> Iterator[str]:
    lines: list[str] = []
    if any("x-window" in operation.annotations for operation in contract.operations):
        lines.append(
            'window = { from = "2026-11-01T00:00:00Z", to = "2026-11-03T00:00:00Z" }      # settled, with data of the primary tenant'
        )
    stated: list[str] = []
    for template in dict.fromkeys([*(item.path for item in contract.operations), *(item.address for item in contract.channels)]):
        for place, name in places_of(template):
            creator, listing = creator_of(contract, place), list_of(contract, place)
            if creator is not None:
                lines.append(f"# {place}: created by {creator.operation.id}")
            elif (start := job_start(contract, place)) is not None:
                lines.append(f"# {place}: a job that {start.id} starts")
            elif listing is not None:
                lines.append(f"# {place}: the first that {listing.operation.id} lists")
            else:
                stated.append(f'"{place}" = "..."' if _is_shared(contract, name) else f'{name} = "..."')
    if stated:
        lines.append(f"parameters = {{ {', '.join(dict.fromkeys(stated))} }}      # of things that exist")
        lines.append('# command = "python fixtures.py"      # or a command that prints such values anew, as one JSON object')
    if lines:
        yield "[fixtures]"
        yield from dict.fromkeys(lines)


def _hook(contract: Contract) -> Iterator[str]:
    if not _needs_hook(contract):
        return
    yield "# Some promises speak of states that no request brings about. Offer them through a control hook:"
    yield "# [hook]"
    yield '# url = "http://127.0.0.1:8000/_assay/hook"'
    yield '# token = "env:OPERATOR_TOKEN"'
    yield "# or leave them out, which the certificate says:"
    yield "# [waivers]"
    yield '# faults = "the reason why"'


def _needs_hook(contract: Contract) -> bool:
    taxonomy = contract.taxonomy
    paged = any("x-pagination" in operation.annotations for operation in contract.operations)
    streams = any(is_mapping(channel.annotations.get("x-stream")) for channel in contract.channels)
    return streams or paged or bool(taxonomy is not None and taxonomy.faults)


def _first_scheme(contract: Contract) -> Scheme:
    for operation in contract.operations:
        if operation.secured:
            return next(iter(operation_schemes(contract, operation)), Scheme(""))
    found = (scheme for channel in contract.channels for scheme in channel_schemes(contract, channel.id))
    return next(found, Scheme(""))


def _is_oauth2(contract: Contract, scheme: Scheme) -> bool:
    components: Any = contract.openapi.get("components", {})
    declared = components.get("securitySchemes", {}).get(scheme.name) if is_mapping(components) else None
    return is_mapping(declared) and declared.get("type") == "oauth2"


def _form(scheme: Scheme) -> str:
    if scheme.carries == "basic":
        return "user:password"
    if scheme.carries == "bearer":
        return "a bearer token"
    return f"the API key that goes into the {scheme.carries} {scheme.key}"


def _is_shared(contract: Contract, name: str) -> bool:
    places = {place for item in contract.operations for place, other in places_of(item.path) if other == name}
    return len(places) > 1


def askable(contract: Contract) -> list[Operation]:
    """The operations that can be asked knowing nothing: they read, and need no parameter."""
    return [item for item in contract.operations if item.method == "GET" and not any(part.required for part in item.parameters)]
