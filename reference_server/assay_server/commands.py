"""The server's subcommands of `assay`."""

from __future__ import annotations

import asyncio
import sys
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import click

_LAST_LINES_SECONDS = 1.0
"""How long the last log lines may take to be written once the server has stopped."""


@click.command()
@click.option("--dsn", help="A running Postgres; without it, --data names one that is started for the load.")
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help="The data folder of an embedded Postgres, kept afterwards; serve it with `assay serve --data`.",
)
@click.option("--tenants", type=click.IntRange(1, 1000), default=50, show_default=True)
@click.option("--events", type=click.IntRange(1), default=100_000, show_default=True)
@click.option("--days", type=click.FloatRange(0.01, 90), default=7.0, show_default=True)
@click.option("--rate", type=click.FloatRange(0), default=0.0, help="Events per second; 0 for no limit.")
@click.option("--batch", type=click.IntRange(1, 100_000), default=5_000, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option(
    "--end",
    type=click.DateTime(["%Y-%m-%dT%H:%M:%SZ"]),
    help="The end of the traffic, in UTC  [default: now]. The same seed and end give the same facts.",
)
def load(
    dsn: str | None,
    data: Path | None,
    tenants: int,
    events: int,
    days: float,
    rate: float,
    batch: int,
    seed: int,
    end: datetime | None,
) -> None:
    """Load synthetic traffic into a database.

    It has tenants of different sizes, days and nights, and outages that raise incidents.

    \b
    Try:
      assay load --data ./postgres --events 100000 --tenants 20
      assay serve --data ./postgres

    Exit codes: 0 success; 2 bad usage; 3 the database failed.
    """
    if (dsn is None) == (data is None):
        raise click.UsageError("expected either --dsn or --data; name the one place that the traffic goes to")
    from assay_server.postgres import EmbeddedPostgres, PostgresError
    from assay_server.reliability.sample import Traffic
    from assay_server.reliability.store import StoreError

    last = end.replace(tzinfo=UTC) if end is not None else datetime.now(UTC)
    traffic = Traffic(tenants, events, days, seed, last)
    with ExitStack() as stack:
        try:
            where = dsn if dsn is not None else stack.enter_context(EmbeddedPostgres.start(data)).dsn
            asyncio.run(_load(where, traffic, rate, batch))
        except (PostgresError, StoreError) as error:
            click.echo(f"assay load: {error}", err=True)
            sys.exit(3)
        except ValueError as error:
            raise click.BadParameter(str(error), param_hint="--dsn") from error
        except KeyboardInterrupt:
            click.echo("assay load: stopped; what was loaded stays, the same command goes on", err=True)
            sys.exit(3)


async def _load(dsn: str, traffic: object, rate: float, batch: int) -> None:
    from itertools import islice

    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from assay_server.reliability.sample import Traffic
    from assay_server.reliability.store import Limits, Store

    assert isinstance(traffic, Traffic)
    accepted = duplicate = 0
    size = min(batch, max(1, int(rate / 4))) if rate else batch
    async with await Store.open(dsn, Limits(statement_seconds=60)) as store:
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[speed]}"),
            TimeRemainingColumn(),
        )
        began = time.perf_counter()
        with Progress(*columns, disable=not sys.stderr.isatty()) as progress:
            task = progress.add_task("events", total=traffic.events, speed="")
            facts = traffic.facts()
            while part := list(islice(facts, size)):
                outcome = await store.ingest(part, patient=True)
                accepted += outcome.accepted
                duplicate += outcome.duplicate
                spent = time.perf_counter() - began
                done = accepted + duplicate
                progress.update(task, completed=done, speed=f"{done / spent:,.0f}/s")
                if rate and done / rate > spent:
                    await asyncio.sleep(done / rate - spent)
        spent = time.perf_counter() - began
        now = min(traffic.end, datetime.now(UTC))
        closed = await store.close(now)
        changes = 0
        names = await store.tenants()
        for name in names:
            changes += len(await store.detect(name, now))
    click.echo(
        f"{accepted:,} events of {len(names)} tenants in {spent:.1f} s ({(accepted + duplicate) / spent:,.0f}/s), "
        f"{duplicate:,} known before; {closed} tenants closed, {changes} incident changes"
    )


@click.command(context_settings={"auto_envvar_prefix": "ASSAY"})
@click.option(
    "--contract",
    multiple=True,
    help="A contract version to serve, several times for several  [default: every contract that can be served]",
)
@click.option(
    "--default-version",
    "default_versions",
    multiple=True,
    help="A version such as reliability@1.0 that answers clients which name none or only its major  [default: the newest]",
)
@click.option("--dsn", help="A running Postgres; without it one is started, and stopped with the server.")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), default=0, show_default=True, help="The port; 0 for a free one.")
@click.option(
    "--env",
    "environment",
    type=click.Choice(["dev", "stage", "prod"]),
    default="dev",
    show_default=True,
    help="In prod no fault can be switched on.",
)
@click.option("--data", type=click.Path(file_okay=False, path_type=Path), help="The data folder of the embedded Postgres, kept afterwards.")
@click.option("--sample", type=click.Choice(["small", "none"]), default="none", show_default=True, help="Sample data to load first.")
@click.option("--seed", type=int, default=1, show_default=True, help="What the sample data is made from.")
@click.option(
    "--write-target",
    "target",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write a target manifest with tokens for a conformance kit.",
)
@click.option(
    "--algorithm",
    type=click.Choice(["HS256", "RS256", "ES256", "EdDSA"]),
    default="HS256",
    show_default=True,
    help="How tokens are signed.",
)
@click.option(
    "--token-key",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The shared secret (HS256) or public key in PEM that tokens are verified with [default: a random secret].",
)
@click.option(
    "--key-set",
    help="The address of the issuer's public keys (JWK set), instead of --token-key; keys that rotate are read again as they are needed.",
)
@click.option(
    "--cursor-key",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The secret that cursors are signed with [default: one that all servers of the database share].",
)
@click.option(
    "--api-keys",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file of API keys: in each line a subject, the SHA-256 of the key, its scopes with commas, and when it expires if it does. "
    "It is read again when it changes.",
)
@click.option("--issuer", default="assay", show_default=True, help="Who must have issued a token.")
@click.option("--audience", default="assay-reference", show_default=True, help="Whom a token must be meant for.")
@click.option("--rate", type=click.IntRange(1), default=600_000, show_default=True, help="Requests a minute that one subject may make.")
@click.option(
    "--rate-tenant", type=click.IntRange(0), default=0, show_default=True, help="Requests a minute of one tenant; 0 for no limit."
)
@click.option(
    "--rate-route",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="Requests a minute of one subject to one operation; 0 for no limit.",
)
@click.option(
    "--origin",
    "origins",
    multiple=True,
    help="An origin whose pages may ask, such as https://console.example, several times for several; * for any  [default: none]",
)
@click.option(
    "--cache-seconds", type=click.FloatRange(0, 60), default=30.0, show_default=True, help="How long a dashboard is kept; 0 for not at all."
)
@click.option(
    "--single-flight/--no-single-flight", default=True, show_default=True, help="Compute a dashboard once for all who ask for it meanwhile."
)
@click.option(
    "--concurrency",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="How many dashboards are computed at once; 0 for any number.",
)
@click.option(
    "--event-batch", type=click.IntRange(1, 10_000), default=1, show_default=True, help="How many user events one transaction may store."
)
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="How many processes answer; they share the port, limits, faults, cursors and figures.",
)
@click.option("--log-level", type=click.Choice(["debug", "info", "warning", "error"]), default="info", show_default=True)
def serve(
    contract: tuple[str, ...],
    default_versions: tuple[str, ...],
    dsn: str | None,
    host: str,
    port: int,
    environment: Literal["dev", "stage", "prod"],
    data: Path | None,
    sample: str,
    seed: int,
    target: Path | None,
    algorithm: Literal["HS256", "RS256", "ES256", "EdDSA"],
    token_key: Path | None,
    key_set: str | None,
    api_keys: Path | None,
    cursor_key: Path | None,
    issuer: str,
    audience: str,
    rate: int,
    rate_tenant: int,
    rate_route: int,
    origins: tuple[str, ...],
    cache_seconds: float,
    single_flight: bool,  # noqa: FBT001 - click passes every option by its name
    concurrency: int,
    event_batch: int,
    workers: int,
    log_level: str,
) -> None:
    """Run the reference server until it is stopped.

    One line on standard output has its address. It stores its data in Postgres.

    \b
    Try:
      assay serve --contract reliability@1.0.0 --sample small --write-target target.toml

    Environment variables can set every option: ASSAY_DSN sets --dsn, ASSAY_LOG_LEVEL sets --log-level. Four names differ:
    ASSAY_ENVIRONMENT sets --env, ASSAY_TARGET --write-target, ASSAY_ORIGINS --origin, ASSAY_DEFAULT_VERSIONS --default-version.

    Exit codes: 0 stopped by SIGTERM or Ctrl-C after it was ready; 2 bad usage or input; 3 the server or its database failed.
    """
    if dsn is not None and data is not None:
        raise click.UsageError("expected --dsn or --data, got both; a running Postgres has its own data folder")
    if algorithm != "HS256" and ((token_key is None) == (key_set is None) or target is not None):
        raise click.UsageError(
            f"expected --token-key or --key-set, and no --write-target, with {algorithm}; only a shared secret can make tokens"
        )
    if algorithm == "HS256" and key_set is not None:
        raise click.UsageError("expected --algorithm with --key-set: a set has public keys, and HS256 has none")
    from assay_contracts import AssayError

    from assay_server.log_writer import LogWriter
    from assay_server.logs import configure_logs
    from assay_server.postgres import PostgresError
    from assay_server.postgres.store_errors import StoreError
    from assay_server.serving import AddressTaken, Plan
    from assay_server.serving import serve as run
    from assay_server.settings import EventTerms, HotReadTerms, RateTerms, Settings, TokenTerms
    from assay_server.shared_memory import SharedMemory
    from assay_server.supervisor import WorkerFailed, supervise

    terms = TokenTerms(algorithm, issuer=issuer, audience=audience, key_set=key_set)
    if token_key is not None:
        terms = TokenTerms(algorithm, token_key.read_bytes().strip(), issuer, audience)
    key = cursor_key.read_bytes().strip() if cursor_key is not None else None
    if key is not None and len(key) < 16:
        raise click.BadParameter("expected a secret of at least 16 bytes", param_hint="--cursor-key")
    hot_reads = HotReadTerms(cache_seconds, single_flight, concurrency)
    settings = Settings(
        environment,
        terms,
        RateTerms(rate, tenant_quota=rate_tenant, route_quota=rate_route),
        api_keys,
        key,
        hot_reads=hot_reads,
        events=EventTerms(event_batch),
        default_versions=_versions_by_contract(default_versions),
        origins=origins,
        memory=SharedMemory() if workers == 1 else SharedMemory.shareable(),
    )
    plan = Plan(contract, dsn, host, port, data, sample, seed, target, settings, workers)
    output = LogWriter(sys.stderr.fileno(), shared=workers > 1)

    def say(line: str) -> None:
        output.write(f"assay serve: {line}\n")

    try:
        log = configure_logs(log_level, output)
        if workers == 1:
            run(plan, log, say, lambda address: click.echo(f"ready {address}"))
        else:
            supervise(plan, log_level, log, say, lambda address: click.echo(f"ready {address}"))
    except (PostgresError, StoreError, AddressTaken, WorkerFailed, OSError) as error:
        say(str(error))
        sys.exit(3)
    except AssayError as error:
        say(str(error))
        sys.exit(error.exit_code)
    except ValueError as error:
        say(str(error))
        sys.exit(2)
    finally:
        output.drain(_LAST_LINES_SECONDS)


def _versions_by_contract(names: tuple[str, ...]) -> dict[str, str]:
    """Versions such as `reliability@1.0` by the names of their contracts."""
    pairs = [name.partition("@") for name in names]
    wrong = next((name for name, (_, _, version) in zip(names, pairs, strict=True) if not version), None)
    if wrong is not None:
        raise click.BadParameter(
            f"expected a contract and a version such as reliability@1.0, got {wrong!r}", param_hint="--default-version"
        )
    return {name: version for name, _, version in pairs}
