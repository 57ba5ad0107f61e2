"""`assay load` puts traffic into a database and says in one line what became of it."""

from __future__ import annotations

from pathlib import Path

import psycopg
from assay_server.commands import load
from click.testing import CliRunner


def test_loading_counts_closes_and_detects(dsn: str) -> None:
    """Facts are in, their buckets closed, their outages found; a second run finds everything known."""
    arguments = ["--dsn", dsn, "--tenants", "5", "--events", "6000", "--days", "2", "--seed", "4"]
    arguments += ["--end", "2026-11-18T12:00:00Z", "--batch", "2000"]

    first = CliRunner().invoke(load, arguments)
    second = CliRunner().invoke(load, arguments)

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert first.output.startswith("6,000 events of 5 tenants")
    assert "6,000 known before" in second.output
    with psycopg.connect(dsn) as connection:
        row = connection.execute(
            "select (select count(*) from facts), (select count(*) from rollup_hours) > 0, "
            "(select count(*) from incidents) > 0, (select count(*) from late_facts)"
        ).fetchone()
    assert row == (6000, True, True, 0)


def test_loading_into_a_folder_keeps_it(tmp_path: Path) -> None:
    """With --data the embedded Postgres is started, filled and stopped."""
    result = CliRunner().invoke(load, ["--data", str(tmp_path / "kept"), "--events", "500", "--rate", "5000"])

    assert result.exit_code == 0
    assert (tmp_path / "kept" / "PG_VERSION").exists()
    assert not (tmp_path / "kept" / "postmaster.pid").exists()


def test_a_place_must_be_named() -> None:
    """Neither or both of --dsn and --data is bad usage."""
    assert CliRunner().invoke(load, []).exit_code == 2
    assert CliRunner().invoke(load, ["--dsn", "x=y", "--data", "z"]).exit_code == 2


def test_bad_input_and_a_missing_database_are_one_line() -> None:
    """A DSN that is none is exit 2; one that nobody answers is exit 3; neither is a traceback."""
    malformed = CliRunner().invoke(load, ["--dsn", "nonsense"])
    missing = CliRunner().invoke(load, ["--dsn", "host=/nonexistent"])

    assert (malformed.exit_code, missing.exit_code) == (2, 3)
    assert "expected a Postgres DSN" in malformed.output
    assert len(missing.output.strip().splitlines()) == 1
