"""The kit in pytest: each promise of a contract is a test of its own.

    pytest --assay-contract api.yaml --assay-target target.toml

The server is driven once, before the first of these tests; each test then says what its clause came to. Nothing is imported and nothing
changes where `--assay-contract` is not given.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

if TYPE_CHECKING:
    from assay_contracts import Contract, Promise

    from assay_conformance.certifying import Certification
    from assay_conformance.verdicts import Row


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that name a contract and a server."""
    group = parser.getgroup("assay", "conformance to an API contract")
    group.addoption("--assay-contract", metavar="NAME@VERSION|PATH", help="Test a server against this contract, one test for each promise.")
    group.addoption("--assay-asyncapi", metavar="PATH", help="The AsyncAPI file beside an OpenAPI file.")
    group.addoption("--assay-target", metavar="PATH", help="The target manifest of the server: see `assay target init --help`.")
    group.addoption("--assay-url", metavar="URL", help="The base URL of the server, over the one in the manifest.")
    group.addoption(
        "--assay-out", metavar="DIR", help="Keep what `assay certify` writes, certificate, evidence and reports, in this folder."
    )


def pytest_configure(config: pytest.Config) -> None:
    """Refuse wrong input before anything is collected."""
    config.addinivalue_line("markers", "assay: a promise of a contract, tested against a server")
    contract = config.getoption("--assay-contract")
    if contract is None:
        given = [name for name in ("asyncapi", "target", "url", "out") if config.getoption(f"--assay-{name}") is not None]
        if given:
            raise pytest.UsageError(f"--assay-{given[0]} needs --assay-contract, the contract to test against")
        return
    from assay_contracts import AssayError

    if config.getoption("--assay-target") is None and config.getoption("--assay-url") is None:
        raise pytest.UsageError("--assay-contract needs --assay-target or --assay-url, the server to test")
    try:
        config.stash[RUN] = Run(config)
    except AssayError as error:
        raise pytest.UsageError(str(error)) from None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    """Add a test for each promise; `-k` chooses among them as among others."""
    run = config.stash.get(RUN, None)
    if run is not None:
        items.extend(PromiseItem.of(session, run, promise) for promise in run.contract.promises)


class Run:
    """One certification, made when the first test asks for it. Raises `AssayError` for a contract or manifest that cannot be used."""

    def __init__(self, config: pytest.Config) -> None:
        from assay_contracts import load_contract

        from assay_conformance.target_reading import target_for

        asyncapi, manifest = (config.getoption(f"--assay-{name}") for name in ("asyncapi", "target"))
        self._name = str(config.getoption("--assay-contract"))
        self._out: str | None = config.getoption("--assay-out")
        self.contract: Contract = load_contract(self._name, asyncapi=Path(asyncapi) if asyncapi else None)
        self._target = target_for(self.contract, Path(manifest) if manifest else None, config.getoption("--assay-url"))
        self._certification: Certification | None = None

    @property
    def certification(self) -> Certification:
        """What was seen of the server."""
        if self._certification is None:
            from assay_conformance.certifying import certify
            from assay_conformance.corpus.lookup import obtain_corpus

            corpus = obtain_corpus(self.contract, self._name, None)
            self._certification = asyncio.run(certify(self.contract, self._target, corpus=corpus.corpus))
            if self._out is not None:
                from assay_conformance.run_files import write_run

                Path(self._out).mkdir(parents=True, exist_ok=True)
                write_run(Path(self._out), self._certification)
        return self._certification

    def row(self, promise: Promise) -> Row:
        """The verdict on one promise."""
        rows = self.certification.outcome.rows
        return next(row for row in rows if (row.clause, row.subject) == (promise.clause.id, promise.subject))


class PromiseBroken(Exception):
    """A clause does not hold, or was not exercised; the text says what was expected and what was seen."""


class PromiseItem(pytest.Item):
    """The test of one clause for one subject."""

    run: Run
    promise: Promise

    @classmethod
    def of(cls, session: pytest.Session, run: Run, promise: Promise) -> PromiseItem:
        """The test of a promise, such as `OP-001[listFailures]`, marked `assay`."""
        create = cast("Any", cls).from_parent  # its keyword arguments have no types
        item: PromiseItem = create(session, name=f"{promise.clause.id}[{promise.subject}]", nodeid=_node_id(promise))
        item.run, item.promise = run, promise
        item.add_marker("assay")
        item.add_marker(pytest.mark.xdist_group("assay"))  # the server is driven once, with `--dist loadgroup`
        return item

    def runtest(self) -> None:
        """Pass where the clause holds; skip where it does not apply, or is a SHOULD that was not exercised."""
        from assay_conformance.verdicts import Verdict

        row = self.run.row(self.promise)
        reason = self.run.certification.reason
        if row.verdict is Verdict.PASS:
            return
        if row.verdict is Verdict.NOT_APPLICABLE or (row.level != "MUST" and row.verdict is Verdict.INCONCLUSIVE) or not row.scored:
            pytest.skip(row.about or "not a requirement of this contract version")
        raise PromiseBroken("\n".join(_explained(row, reason)))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> str:
        """The finding itself, without a traceback through the kit."""
        if isinstance(excinfo.value, PromiseBroken):
            return str(excinfo.value)
        return str(super().repr_failure(excinfo))

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where pytest says that the test is: in the contract."""
        return Path(str(self.run.contract.id)), None, self.name


def _node_id(promise: Promise) -> str:
    return f"assay::{promise.clause.id}[{promise.subject}]"


def _explained(row: Row, reason: str | None) -> Iterator[str]:
    yield f"{row.clause} {row.subject}: {row.verdict.value}"
    yield row.sentence
    for label, text in (("expected", row.expected), ("actual", row.actual), ("about", row.about), ("the run was aborted", reason or "")):
        if text:
            yield f"  {label}: {text}"


RUN: pytest.StashKey[Run] = pytest.StashKey()
