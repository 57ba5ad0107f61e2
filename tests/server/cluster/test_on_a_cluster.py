"""The whole server on a real Citus cluster: from an empty database to certificates.

`ASSAY_CITUS_DSN` is an empty database on a coordinator with two workers or more. The tables of ours that a test makes, it drops again.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from assay_server.postgres.distribution import created_tables
from assay_server.reliability.store import Limits, Store
from assay_server.rooms import SCHEMAS
from psycopg import sql

from .tour import tour

CONTRACTS = (
    "reliability@1.0.0",
    "reliability@1.1.0",
    "executive@1.0.0",
    "executive@1.1.0",
    "windowing@1.0.0",
    "windowing@2.0.0",
    "windowing@2.1.0",
)
DSN = os.environ.get("ASSAY_CITUS_DSN", "")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not DSN, reason="needs a Citus cluster: set ASSAY_CITUS_DSN to an empty database on its coordinator"),
]


def assay(*words: str) -> subprocess.CompletedProcess[str]:
    """What a command prints."""
    return subprocess.run([sys.executable, "-m", "assay_command", *words], capture_output=True, text=True, check=False)


@pytest.fixture
def cluster() -> Iterator[str]:
    """The database, migrated and distributed, and empty again afterwards."""
    tables = [*created_tables(SCHEMAS), "server_keys", "idempotency_keys"]
    with psycopg.connect(DSN, autocommit=True) as connection:
        known = connection.execute(
            "select count(*) from unnest(%s::text[]) as name where to_regclass(name) is not null", (tables,)
        ).fetchone()
        assert known == (0,), "expected an empty database at ASSAY_CITUS_DSN, found tables of ours; give an empty one"
        workers = connection.execute("select count(*) from pg_dist_node where groupid <> 0").fetchone()
        assert workers is not None
        assert workers[0] >= 2, f"expected two workers or more, found {workers[0]}"
        early = assay("admin", "distribute", "--dsn", DSN)
        assert early.returncode == 3
        assert "run `assay admin migrate` first" in early.stderr
        try:
            for command in ("migrate", "distribute"):
                done = assay("admin", command, "--dsn", DSN)
                assert done.returncode == 0, done.stderr
            yield DSN
        finally:
            for name in tables:
                connection.execute(sql.SQL("drop table if exists {} cascade").format(sql.Identifier(name)))


def test_what_is_distributed_stays_as_it_is(cluster: str) -> None:
    """The second run finds nothing to do; facts are on every worker."""
    dry = assay("admin", "distribute", "--dsn", cluster, "--dry-run")
    again = assay("admin", "distribute", "--dsn", cluster)
    with psycopg.connect(cluster) as connection:
        workers = connection.execute(
            "select count(distinct nodename || nodeport) from citus_shards where table_name::text = 'facts'"
        ).fetchone()

    assert (dry.returncode, dry.stdout) == (0, "")
    assert again.returncode == 0
    assert "facts                       distributed by tenant, already" in again.stdout.splitlines()
    assert "jobs                        on the coordinator" in again.stdout.splitlines()
    assert workers is not None
    assert workers[0] >= 2


async def test_everything_that_a_store_is_asked_is_answered(cluster: str) -> None:
    """Facts come in once, are rolled up, read by window and by page, computed again, thinned out and removed."""
    async with await Store.open(cluster, Limits(acquire_seconds=60, statement_seconds=120)) as store:
        await tour(store, datetime(2026, 11, 20, tzinfo=UTC))


@pytest.mark.parametrize("contract", CONTRACTS)
def test_the_server_is_certified(cluster: str, contract: str, tmp_path: Path) -> None:
    """Served from the cluster, every contract version holds what it promises."""
    target, log = tmp_path / "target.toml", tmp_path / "server.log"
    command = [sys.executable, "-m", "assay_command", "serve", "--dsn", cluster, "--contract", contract, "--sample", "small"]
    with log.open("w") as lines:
        server = subprocess.Popen([*command, "--write-target", str(target)], stdout=subprocess.PIPE, stderr=lines, text=True)
        try:
            assert server.stdout is not None
            ready = server.stdout.readline().split()
            assert ready[:1] == ["ready"], log.read_text()
            certified = assay("certify", ready[1], "--contract", contract, "--target", str(target), "--out", str(tmp_path / "certificate"))
        finally:
            server.terminate()
            server.wait(30)
    verified = assay("admin", "verify", "--dsn", cluster)

    assert certified.returncode == 0, certified.stdout[-4_000:] + certified.stderr[-2_000:]
    assert verified.returncode == 0, verified.stdout
