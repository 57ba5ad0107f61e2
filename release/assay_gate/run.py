"""The gate over the contracts of a folder, and over documents that somebody names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from assay_contracts import ContractId, load_contract
from assay_contracts.contract_folder import ContractFolder as Folder
from assay_contracts.formats import Place
from assay_contracts.locking import bundle_all, check_lock, is_released
from assay_contracts.requirements import check_requirements

from assay_gate.certificates import FOLDER, certificate_problems
from assay_gate.conversations import Recorded, conversation_check
from assay_gate.errors import GateInputRefused
from assay_gate.history import unlocked_since
from assay_gate.ignores import Ignore
from assay_gate.places import file_place
from assay_gate.release_verdict import Ledger, Terms, judge_release
from assay_gate.releases import Release, of_contract
from assay_gate.verdicts import Check, Problem, Report, Subject

__all__ = ["gate_contracts", "gate_documents"]

_LIST = "see `assay contracts list`"


def gate_contracts(
    folder: Folder,
    names: Sequence[str],
    ignores: tuple[Ignore, ...],
    terms: Terms,
    certificates: Path | None = None,
    since: str | None = None,
    recorded: Sequence[Recorded] = (),
) -> Report:
    """Every version of the contracts named, or of all of them; `since` is a revision of git whose locks must still hold.

    Evidence is held against every newer version of the contract that it was recorded under.
    """
    ids = _chosen(folder, names)
    kept = {id: of_contract(folder, id) for id in ids}
    ledger = Ledger(ignores, terms.now.date())
    unknown = [recording for recording in recorded if all(id.name != recording.release.name for id in ids)]
    if unknown:
        raise GateInputRefused(
            f"--evidence {unknown[0].path}", expected="evidence of a contract that is judged", actual=f"{unknown[0].release.label}"
        )
    subjects = [
        with_conversations(
            judge_release(
                kept[id],
                [release for other, release in kept.items() if other.name == id.name and other != id],
                terms,
                ledger,
                _frozen(folder, id, terms, certificates or folder.root / FOLDER) if is_released(folder, id) else (),
            ),
            kept[id],
            [recording for recording in recorded if recording.release.name == id.name and recording.release.version <= kept[id].version],
            terms,
        )
        for id in ids
    ]
    checks = (
        _lock(folder, names, since),
        _generated({str(id) for id in ids}),
        ledger.check([str(id) for id in ids], all_contracts=not names),
    )
    return Report(tuple(subjects), checks)


def gate_documents(
    olds: Iterable[Release],
    new: Release,
    ignores: tuple[Ignore, ...],
    terms: Terms,
    more: Sequence[Check] = (),
    recorded: Sequence[Recorded] = (),
) -> Report:
    """A release that is to come, against the releases before it and the conversations that they had."""
    ledger = Ledger(ignores, terms.now.date())
    subject = with_conversations(judge_release(new, tuple(olds), terms, ledger, more), new, recorded, terms)
    return Report((subject,), (ledger.check([new.label], any_contract=True),))


def with_conversations(subject: Subject, new: Release, recorded: Sequence[Recorded], terms: Terms) -> Subject:
    """The verdict on a release with what recorded conversations say of it."""
    for recording in recorded:
        check, note = conversation_check(recording, new, terms)
        subject = replace(subject, checks=(*subject.checks, check), notes=(*subject.notes, note))
    return subject


def _chosen(folder: Folder, names: Sequence[str]) -> list[ContractId]:
    known = folder.contracts()
    unknown = [name for name in names if name not in {id.name for id in known}]
    if unknown:
        listed = ", ".join(sorted({id.name for id in known})) or "none at all"
        next_step = f"compare documents with `assay gate --old OLD --new {unknown[-1]}`" if _is_document(unknown[-1]) else _LIST
        raise GateInputRefused(f"contract {unknown[0]}", expected=f"one of {listed}", next_step=next_step)
    return [id for id in known if not names or id.name in names]


def _is_document(name: str) -> bool:
    """Whether what was given as the name of a contract is the source of a document: a file, a git revision or a URL.

    >>> _is_document("git:v1:api.yaml"), _is_document("http://127.0.0.1/api.json"), _is_document("reliability")
    (True, True, False)
    """
    return name.startswith(("git:", "http://", "https://")) or Path(name).is_file()


def _frozen(folder: Folder, id: ContractId, terms: Terms, certificates: Path) -> tuple[Check, ...]:
    """What a released version needs beside its documents: the set that it is certified against, and its certificate."""
    contract = load_contract(str(id))
    requirements = tuple(
        Problem("requirements-changed", problem, place=file_place(folder.requirements(id))) for problem in check_requirements(folder, id)
    )
    path = certificates / f"{id.name}-{id.version}.json"
    certificate = tuple(
        Problem(rule, what, place=file_place(path)) for rule, what in certificate_problems(path, contract, terms.now, terms.trusted)
    )
    return Check("requirements", requirements), Check("certificate", certificate)


def _lock(folder: Folder, names: Sequence[str], since: str | None) -> Check:
    problems = [*check_lock(folder, bundle_all(folder)), *(unlocked_since(folder.root, since) if since is not None else ())]
    about = [problem for problem in problems if not names or any(name in problem for name in names)]
    return Check(
        "released versions", tuple(Problem("released-version-changed", problem, place=_lock_place(folder, problem)) for problem in about)
    )


def _lock_place(folder: Folder, problem: str) -> Place | None:
    """The file that a problem of a lock opens with."""
    path = folder.root / problem.partition(": ")[0]
    return file_place(path) if path.is_file() else None


def _generated(ids: set[str]) -> Check:
    from assay_codegen.drift import find_drift, read_committed

    committed = tuple(client for client in read_committed() if client.contract in ids)
    problems = [
        Problem(
            "generated-code-stale",
            f"{drift.committed.place / name} is not what {drift.committed.contract} gives; run `{drift.committed.renew}`",
            place=file_place(drift.committed.place / name),
        )
        for drift in find_drift(committed)
        for name in drift.files
    ]
    return Check("generated code", tuple(problems))
