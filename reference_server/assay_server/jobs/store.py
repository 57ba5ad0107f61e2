"""Jobs in Postgres: any number of workers take them, each job is in one pair of hands.

A worker holds a job by its attempt, until `available_at`. A worker that dies lets that time pass, the next one takes the job as a
further attempt, and whatever the dead one still writes is not of the current attempt and changes nothing.
"""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Sequence
from datetime import timedelta
from importlib import resources

import msgspec

from assay_server.postgres.connections import Connections
from assay_server.postgres.migrations import Migrations, migrate

from .parts import JobParts
from .values import CANCELLED, Job, JobFailure, JobTaken, NewJob

MIGRATIONS = Migrations(resources.files("assay_server.jobs") / "migrations", "jobs_schema_version")
KEPT = timedelta(hours=24)
"""How long a job and its result are kept after its end."""
LONGEST = timedelta(hours=6)
"""How long a job may be under way."""

_COLUMNS = "job_id, kind, status, progress, phase, created_at, expires_at, owner, question, error"

_START = f"""
insert into jobs (job_id, kind, owner, question, same_as, expires_at)
values (%(id)s, %(kind)s, %(owner)s, %(question)s, %(same)s, clock_timestamp() + %(kept)s)
on conflict (kind, owner, same_as) where status in ('queued', 'running') do update set owner = excluded.owner
returning {_COLUMNS}
"""  # noqa: S608 - built from constants

_TAKE = """
with chosen as (
  select job_id from jobs
  where kind = any(%(kinds)s) and status in ('queued', 'running') and available_at <= clock_timestamp()
  order by available_at for update skip locked limit 1
)
update jobs set status = 'running', attempts = attempts + 1, available_at = clock_timestamp() + %(lease)s
from chosen where jobs.job_id = chosen.job_id
returning jobs.job_id, kind, owner, question, attempts
"""

_REPORT = b"""
update jobs set progress = greatest(progress, %(progress)s), phase = greatest(phase, %(phase)s),
  available_at = clock_timestamp() + %(lease)s
where job_id = %(id)s and attempts = %(attempt)s and status = 'running'
"""
_COMPLETE = b"""
update jobs set status = 'complete', progress = 100, phase = %(phase)s, result = %(result)s,
  expires_at = greatest(expires_at, clock_timestamp() + %(kept)s)
where job_id = %(id)s and attempts = %(attempt)s and status = 'running'
"""
_RETRY = b"""
update jobs set available_at = clock_timestamp() + %(wait)s
where job_id = %(id)s and attempts = %(attempt)s and status = 'running'
"""


class JobStore:
    """Starts, gives out, follows and ends jobs. Every method raises `StoreError` when the store does not answer."""

    __slots__ = ("_connections", "parts")

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self.parts = JobParts(connections)

    @classmethod
    async def open(cls, connections: Connections) -> JobStore:
        """Migrate over connections that are open already; their owner closes them."""
        await migrate(connections, MIGRATIONS)
        return cls(connections)

    async def start(self, new: NewJob) -> Job:
        """Queue a job, or return the one that answers the same question already."""
        question = msgspec.json.encode(new.question).decode()
        values: dict[str, object] = {"id": secrets.token_urlsafe(16), "kind": new.kind, "owner": new.owner, "question": question}
        values |= {"same": new.same_as, "kept": LONGEST + KEPT}
        async with self._connections.write() as connection:
            row = await (await connection.execute(_START.encode(), values)).fetchone()
        assert row is not None
        return _job(row)

    async def get(self, kind: str, id: str, owner: str | None = None) -> Job | None:
        """A job of an owner, or of any; None when there is none, or no longer."""
        statement = (
            f"select {_COLUMNS} from jobs where job_id = %(id)s and kind = %(kind)s "  # noqa: S608
            "and (%(owner)s::text is null or owner = %(owner)s) and expires_at > clock_timestamp()"
        )
        async with self._connections.read() as connection:
            row = await (await connection.execute(statement.encode(), {"id": id, "kind": kind, "owner": owner})).fetchone()
        return None if row is None else _job(row)

    async def result(self, kind: str, id: str, owner: str) -> bytes | None:
        """What a complete job of an owner found; None when there is no such job, or it is not complete."""
        statement = (
            b"select result from jobs where job_id = %s and kind = %s and owner = %s and status = 'complete' "
            b"and expires_at > clock_timestamp()"
        )
        async with self._connections.read() as connection:
            row = await (await connection.execute(statement, (id, kind, owner), binary=True)).fetchone()
        return None if row is None else bytes(row[0])

    async def cancel(self, kind: str, id: str, owner: str | None = None) -> bool:
        """End a job of an owner, or of any; one that is over stays as it is. Returns whether there is such a job."""
        if await self.get(kind, id, owner) is None:
            return False
        await self._end(id, None, CANCELLED)
        return True

    async def take(self, kinds: Sequence[str], lease: timedelta) -> JobTaken | None:
        """A job that waits, or one whose worker let the lease pass; None when there is none."""
        async with self._connections.write() as connection:
            row = await (await connection.execute(_TAKE.encode(), {"kinds": list(kinds), "lease": lease})).fetchone()
        return None if row is None else JobTaken(*row)

    async def report(self, taken: JobTaken, progress: int, phase: int, lease: timedelta) -> bool:
        """Note progress, which never goes back, and hold the job on; False when it is no longer this worker's."""
        values = {"id": taken.id, "attempt": taken.attempt, "progress": min(99, progress), "phase": phase, "lease": lease}
        async with self._connections.write() as connection:
            return (await connection.execute(_REPORT, values)).rowcount == 1

    async def complete(self, taken: JobTaken, result: bytes, phase: int) -> bool:
        """Keep the result; False when the job is no longer this worker's."""
        values = {"id": taken.id, "attempt": taken.attempt, "phase": phase, "result": result, "kept": KEPT}
        async with self._connections.write() as connection:
            return (await connection.execute(_COMPLETE, values)).rowcount == 1

    async def retry(self, taken: JobTaken, wait: timedelta) -> bool:
        """Give a job back, for another attempt after a while; False when it is no longer this worker's."""
        async with self._connections.write() as connection:
            return (await connection.execute(_RETRY, {"id": taken.id, "attempt": taken.attempt, "wait": wait})).rowcount == 1

    async def fail(self, taken: JobTaken, failure: JobFailure) -> None:
        """End a job for good."""
        await self._end(taken.id, taken.attempt, failure)

    async def prune(self) -> int:
        """Remove every job whose time is over; return how many there were."""
        async with self._connections.write() as connection:
            return (await connection.execute(b"delete from jobs where expires_at <= clock_timestamp()")).rowcount

    async def _end(self, id: str, attempt: int | None, failure: JobFailure) -> None:
        statement = (
            b"update jobs set status = 'failed', error = %(error)s, expires_at = greatest(expires_at, clock_timestamp() + %(kept)s) "
            b"where job_id = %(id)s "
            b"and status in ('queued', 'running') and (%(attempt)s::int4 is null or attempts = %(attempt)s)"
        )
        error = msgspec.json.encode(dataclasses.asdict(failure)).decode()
        async with self._connections.write() as connection:
            ended = await connection.execute(statement, {"id": id, "attempt": attempt, "error": error, "kept": KEPT})
            if ended.rowcount:
                await connection.execute(b"delete from job_parts where job_id = %s", (id,))


def _job(row: Sequence[object]) -> Job:
    *known, error = row
    failure = msgspec.convert(error, JobFailure) if error is not None else None
    return msgspec.convert(dict(zip(_NAMES, known, strict=True)) | {"failure": failure}, Job)


_NAMES = ("id", "kind", "status", "progress", "phase", "created_at", "expires_at", "owner", "question")
