"""What a job writes, part by part: a result may be larger than memory, and a job that is taken over goes on where it was left."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any

import msgspec

from assay_server.postgres.connections import Connections

from .values import JobTaken

_APPEND = b"""
insert into job_parts (job_id, number, content, place)
select job_id, %(number)s, %(content)s, %(place)s from jobs
where job_id = %(id)s and attempts = %(attempt)s and status = 'running' for update
"""


@dataclass(frozen=True, slots=True)
class WrittenTo:
    """How far a job has written: the number of its parts, and the place in its source that the last one ends at."""

    parts: int = 0
    place: Any = None


class JobParts:
    """Writes and reads the parts of jobs. Every method raises `StoreError` when the store does not answer."""

    __slots__ = ("_connections",)

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    async def written_to(self, taken: JobTaken) -> WrittenTo:
        """How far a job was written, by this worker or one before it."""
        statement = b"select number + 1, place from job_parts where job_id = %s order by number desc limit 1"
        async with self._connections.read() as connection:
            row = await (await connection.execute(statement, (taken.id,))).fetchone()
        return WrittenTo() if row is None else WrittenTo(row[0], row[1])

    async def append(self, taken: JobTaken, number: int, content: bytes, place: Any) -> bool:
        """Write one part; False when the job is no longer this worker's."""
        values = {"id": taken.id, "attempt": taken.attempt, "number": number, "content": content}
        async with self._connections.write() as connection:
            written = await connection.execute(_APPEND, {**values, "place": msgspec.json.encode(place).decode()})
            return written.rowcount == 1

    async def read(self, id: str) -> AsyncGenerator[bytes]:
        """Yield the parts of a job in order, one at a time; no connection is kept in between."""
        number = 0
        while True:
            async with self._connections.read() as connection:
                statement = b"select content from job_parts where job_id = %s and number = %s"
                row = await (await connection.execute(statement, (id, number), binary=True)).fetchone()
            if row is None:
                return
            yield bytes(row[0])
            number += 1
