"""A release: one version of what clients speak, its HTTP document, its feed document, or both."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from assay_compatibility.client import Documents, client_documents, names_contract
from assay_compatibility.documents import of_bundle, read_document
from assay_compatibility.places import ApiDocument
from assay_compatibility.versions import Version
from assay_contracts import Contract, ContractId, parse_bundle
from assay_contracts.contract_folder import ContractFolder as Folder
from assay_contracts.draft_status import is_draft
from assay_contracts.json_types import is_mapping
from assay_contracts.locking import is_released
from assay_contracts.parsing import bundled_documents, parse_bundled

from assay_gate.errors import GateInputRefused
from assay_gate.history import tagged

_NAMED = re.compile(r"(v?\d+\.\d+\.\d+[0-9A-Za-z.+-]*)=(.+)")
KINDS = {"openapi": "http", "asyncapi": "feed"}


@dataclass(frozen=True, slots=True)
class Release:
    """One version with its documents.

    `documents` has the keys `http` and `feed`.
    """

    name: str
    version: Version
    documents: Mapping[str, ApiDocument]
    client: Documents
    draft: bool = False
    released: bool = True
    # Whether a kind of document that is not here is known not to be there, and not only not given.
    complete: bool = False

    @property
    def label(self) -> str:
        """What people call it."""
        return f"{self.name}@{self.version}"

    def contract(self) -> Contract:
        """Its documents parsed as one contract."""
        return parse_bundle(dict(self.client.openapi), dict(self.client.asyncapi) if self.client.asyncapi else None)


def of_contract(folder: Folder, id: ContractId) -> Release:
    """A contract version of a folder of documents."""
    return _of_contract(str(id), released=is_released(folder, id))


def _of_contract(source: str, *, released: bool) -> Release:
    bundles = bundled_documents(source)
    contract = parse_bundled(bundles)
    documents = {KINDS[kind]: of_bundle(bundled, str(contract.id)) for kind, bundled in bundles.items()}
    return Release(
        contract.id.name,
        Version.parse(contract.id.version, str(contract.id)),
        documents,
        Documents(contract.openapi, contract.asyncapi, str(contract.id)),
        draft=any(is_draft(bundled.data) for bundled in bundles.values()),
        released=released,
        complete=True,
    )


def read_releases(sources: Iterable[str]) -> tuple[Release, ...]:
    """The releases at these addresses, the oldest first.

    An HTTP and a feed document of one version are one release. Raises `GateInputRefused` for two documents of one kind and version.
    """
    found: dict[Version, Release] = {}
    for source in sources:
        release = _read(source)
        other = found.get(release.version)
        found[release.version] = release if other is None else _joined(other, release, source)
    return tuple(found[version] for version in sorted(found))


def read_tagged(pattern: str, news: Sequence[str], *, first_release: bool = False) -> tuple[Release, ...]:
    """The releases that tags hold of these files; a version that several tags hold is what the first of them says.

    Raises `GateInputRefused` when no tag of the pattern holds any of the files, unless this is the first release.
    """
    kept: list[str] = []
    known: set[tuple[Version, str]] = set()
    for path in news:
        if not Path(path).is_file() or Path(path).is_absolute():
            raise GateInputRefused(f"--new {path}", expected="with --tags, a file named from the folder that this runs in", actual="none")
        for source in tagged(pattern, path):
            found = _read(source)
            key = (found.version, next(iter(found.documents)))
            if key not in known:
                known.add(key)
                kept.append(source)
    if not kept and not first_release:
        raise GateInputRefused(
            f"--tags {pattern}",
            expected=f"a git tag of this pattern that holds {' or '.join(news)}",
            actual="none",
            next_step="fetch the tags, correct the pattern, or add --first-release",
        )
    return read_releases(kept)


def read_new(sources: Iterable[str], declared: str | None) -> Release:
    """The release that is to come."""
    version = None if declared is None else Version.parse(declared, "--declared")
    parts = [_read(source, version) for source in sources]
    whole = parts[0]
    for source, part in zip(list(sources)[1:], parts[1:], strict=True):
        if part.version != whole.version:
            raise GateInputRefused(
                f"--new {source}", expected=f"the version {whole.version} of the other document", actual=str(part.version),
                next_step="name the version with --declared",
            )  # fmt: skip
        whole = _joined(whole, part, source)
    return replace(whole, released=False)


def _joined(one: Release, other: Release, source: str) -> Release:
    twice = one.documents.keys() & other.documents.keys()
    if twice:
        raise GateInputRefused(source, expected=f"one {twice.pop()} document of {one.version}", actual="another one")
    openapi = one.client.openapi or other.client.openapi
    asyncapi = one.client.asyncapi or other.client.asyncapi
    first = one if "http" in one.documents else other
    return Release(
        first.name,
        one.version,
        {**one.documents, **other.documents},
        Documents(openapi, asyncapi, f"{one.client.source} and {other.client.source}"),
        draft=one.draft or other.draft,
        released=one.released and other.released,
    )


def _read(source: str, version: Version | None = None) -> Release:
    named = _NAMED.fullmatch(source)
    if named is not None and not Path(source).exists():
        version, source = Version.parse(named[1], source), named[2]
    if names_contract(source):
        found = _of_contract(source, released=True)
        return found if version is None else replace(found, version=version)
    document = read_document(source)
    info: Any = document.content.get("info")
    described = info if is_mapping(info) else {}
    if version is None:
        version = Version.parse(str(described.get("version") or ""), f"{source}: info.version")
    return Release(
        str(described.get("x-contract") or described.get("title") or "document"),
        version,
        {KINDS[document.kind]: document},
        client_documents(source, document),
        draft=is_draft(document.content),
    )
