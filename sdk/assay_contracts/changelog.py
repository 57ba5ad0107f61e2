"""The changelog of a contract: what each released version has that the one before it had not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from pathlib import Path

from assay_contracts.contract_folder import ContractFolder
from assay_contracts.locking import is_released
from assay_contracts.model import Contract
from assay_contracts.parsing import load_contract
from assay_contracts.reading import read_text

_FILE = "CHANGELOG.md"


def changelog(documents: ContractFolder, contract: Contract) -> Path:
    """The changelog of a contract, beside its OpenAPI documents, or beside its AsyncAPI ones when there are no others."""
    source = next(path for path in documents.sources(contract.id) if path is not None)
    return source.parent / _FILE


def write_changelog(documents: ContractFolder, contract: Contract, day: dt.date) -> tuple[Path, ...]:
    """Begin the entry of a version, the newest first; one that is there already is left to whoever wrote it."""
    path = changelog(documents, contract)
    written = read_text(path) if path.is_file() else f"# Changes of `{contract.id.name}`\n"
    heading = f"## {contract.id.version} "
    if heading in written:
        return ()
    entry = "\n".join((f"{heading}({day.isoformat()})", "", *_lines(documents, contract)))
    title, _, older = written.partition("\n")
    path.write_text("\n".join((title, "", entry, "")) + (f"\n{older.lstrip()}" if older.strip() else ""), encoding="utf-8")
    return (path,)


def _lines(documents: ContractFolder, contract: Contract) -> Iterator[str]:
    older = [
        version for version in documents.contracts() if version.name == contract.id.name and version.precedence < contract.id.precedence
    ]
    before = next((load_contract(str(version)) for version in reversed(older) if is_released(documents, version)), None)
    yield f"- Digest `{contract.digest}`."
    if before is None:
        counts = len(contract.operations), len(contract.channels), len(contract.clauses())
        yield "- First release: operations {}, channels {}, clauses {}.".format(*counts)
        return
    for subject, had, has in (
        ("operation", [operation.id for operation in before.operations], [operation.id for operation in contract.operations]),
        ("channel", [channel.id for channel in before.channels], [channel.id for channel in contract.channels]),
        ("message", _messages(before), _messages(contract)),
        ("error code", _codes(before), _codes(contract)),
        ("clause", [clause.id for clause in before.clauses()], [clause.id for clause in contract.clauses()]),
    ):
        yield from _difference(subject, had, has, f"since {before.id.version}")


def _difference(subject: str, had: Iterable[str], has: Iterable[str], since: str) -> Iterator[str]:
    for verb, names in (("Adds", sorted(set(has) - set(had))), ("Takes away", sorted(set(had) - set(has)))):
        if names:
            yield f"- {verb} {since} the {subject}{'s' * (len(names) > 1)} {', '.join(f'`{name}`' for name in names)}."


def _messages(contract: Contract) -> list[str]:
    return [name for channel in contract.channels for name in channel.messages]


def _codes(contract: Contract) -> list[str]:
    return list({code for operation in contract.operations for code in operation.error_codes})
