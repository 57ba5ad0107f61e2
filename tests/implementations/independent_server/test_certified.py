"""An implementation that shares nothing with the reference but the contract is certified; made wrong in a subtle way, it is not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from assay_conformance.certifying import certify
from assay_conformance.target_manifest import read_target
from assay_conformance.verdicts import Verdict
from assay_contracts import load_contract

from .serving import serving
from .trying import failed, tried
from .wrongs import OVER_HTTP, OVER_THE_FEED

pytestmark = pytest.mark.slow

CONTRACT = load_contract("reliability@1.0.0")


@pytest.mark.slow
async def test_the_second_implementation_is_certified(tmp_path: Path) -> None:
    """Every promise passes: none fails, none is left open."""
    async with serving() as server:
        result = await certify(CONTRACT, read_target(server.write(tmp_path / "target.toml"), http=server.http))

    left = [
        (row.clause, row.subject, row.verdict.value, row.expected, row.actual)
        for row in result.outcome.rows
        if row.verdict is not Verdict.PASS and row.scored
    ]
    assert (left, result.outcome.certified, result.reason) == ([], True, None)


@pytest.mark.slow
async def test_without_a_control_hook_it_is_certified_by_a_waiver(tmp_path: Path) -> None:
    """What only the hook could bring about is left out, loudly; the rest passes."""
    async with serving(hook=False, seed=2) as server:
        result = await certify(CONTRACT, read_target(server.write(tmp_path / "target.toml"), http=server.http))

    assert (failed(result), result.outcome.certified, bool(result.outcome.waived)) == ([], True, True)


@pytest.mark.parametrize(
    ("wrong", "driver", "clause"),
    [
        ("a-cursor-skips-what-came-with-its-item", "pagination", "PAG-002"),
        ("a-cursor-opens-its-own-tenant", "pagination", "PAG-008"),
        ("times-are-compared-as-text", "order", "ORD-001"),
        ("the-end-is-included-at-midnight", "window", "WIN-001"),
        ("rates-by-integer-division", "cache", "DER-001"),
        ("tags-do-not-depend-on-the-step", "cache", "CAC-005"),
        ("forgotten-changes-are-passed-over", "snapshot", "SNP-004"),
        ("upstream-timeouts-name-no-time", "faults", "FLT-004"),
        ("unknown-tenants-are-not-found", "tenancy", "TEN-005"),
    ],
)
async def test_a_subtle_mistake_is_found(wrong: str, driver: str, clause: str, tmp_path: Path) -> None:
    """One driver is enough to see it, and the clause that it breaks says so."""
    result = await tried(CONTRACT, tmp_path, wrong, driver)

    assert clause in {row.clause for row in failed(result)}


@pytest.mark.slow
@pytest.mark.parametrize("wrong", ["beats-come-while-idle-only", "the-last-change-comes-again", "slow-readers-are-cut-off"])
async def test_a_subtle_mistake_of_the_feed_is_found(wrong: str, tmp_path: Path) -> None:
    """The clauses that it breaks say so."""
    result = await tried(CONTRACT, tmp_path, wrong)

    assert {row.clause for row in failed(result)} & set(OVER_THE_FEED[wrong])


def test_every_way_of_being_wrong_is_listed() -> None:
    """The list has each name that the server knows, and no other."""
    named: set[str] = set()
    for path in Path(__file__).parent.glob("*.py"):
        if not path.name.startswith(("test_", "wrongs")):
            # Where a part of the name is put in later, anything may stand there.
            named |= set(re.findall(r'wrong\(f?"([^"]+)"\)', path.read_text("utf-8"))) | set(
                re.findall(r'"(a-cursor-[a-z-]+)": \d', path.read_text("utf-8"))
            )
    patterns = [re.sub(r"\{[a-z]+\}", "[a-z0-9-]+", name) for name in named]
    listed = {**OVER_HTTP, **OVER_THE_FEED}

    assert [name for name in listed if not any(re.fullmatch(pattern, name) for pattern in patterns)] == []
    assert [pattern for pattern in patterns if not any(re.fullmatch(pattern, name) for name in listed)] == []
