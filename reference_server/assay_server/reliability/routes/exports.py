"""Exports: started by a tenant's reader, followed and fetched by whoever covers the tenant or has the polling token."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import AsyncGenerator, Mapping
from typing import Any

import msgspec

from assay_server.http.auth import Grant
from assay_server.http.calls import Call
from assay_server.http.errors import Refusal
from assay_server.http.replies import Reply
from assay_server.jobs import Job, JobStore, NewJob
from assay_server.reliability.bodies import ExportBody, StartedExportBody, encode
from assay_server.reliability.export_files import Window, head, tail
from assay_server.reliability.exports import KIND, PHASES, ExportQuestion, ExportRequest, question_of

_AGAIN_SECONDS = 1
_MEDIA_TYPES = {"csv": "text/csv", "json": "application/json"}


class ExportRoutes:
    """Answers about exports; `paths` has the path of each operation."""

    def __init__(self, jobs: JobStore, paths: Mapping[str, str]) -> None:
        self._jobs = jobs
        self._paths = paths

    async def create(self, call: Call) -> Reply:
        """`createExport`."""
        try:
            request = msgspec.convert(call.body, ExportRequest)
        except msgspec.ValidationError:
            raise Refusal("INVALID_BODY", "from and to must be days and times that exist", field="from", within="body") from None
        token = secrets.token_urlsafe(32)
        question = ExportQuestion(request, Window(call.body["from"], call.body["to"]), _hash(token))
        job = await self._jobs.start(NewJob(KIND, request.tenant_id, msgspec.to_builtins(question)))
        headers = {"Location": self._path("getExport", job), "Retry-After": str(_AGAIN_SECONDS)}
        body = StartedExportBody.started(self._body(call, job), token)
        return Reply(encode(body), status=202, headers=headers)

    async def get(self, call: Call) -> Reply:
        """`getExport`."""
        job = await self._find(call)
        return Reply(encode(self._body(call, job)), headers={} if job.is_over else {"Retry-After": str(_AGAIN_SECONDS)})

    async def cancel(self, call: Call) -> Reply:
        """`cancelExport`."""
        await self._jobs.cancel(KIND, (await self._find(call)).id)
        return Reply(status=204)

    async def content(self, call: Call) -> Reply:
        """`getExportContent`: streamed from the parts that were written."""
        job = await self._find(call)
        if job.status != "complete":
            raise Refusal("NOT_FOUND", "the export is not complete")
        question = question_of(job.question)
        request = question.request
        disposition = f'attachment; filename="{job.id}.{request.format}"'
        return Reply(
            media_type=_MEDIA_TYPES[request.format],
            headers={"Content-Disposition": disposition},
            parts=self._parts(job, question, call.schema_version),
        )

    async def stand_in(self, token: str, path: Mapping[str, Any]) -> Grant | None:
        """What a polling token grants: one export until it expires."""
        job = await self._jobs.get(KIND, str(path.get("exportId", "")))
        if job is None or not hmac.compare_digest(question_of(job.question).token_hash, _hash(token)):
            return None
        return Grant(f"export {job.id}", frozenset({job.owner}), frozenset(), job.expires_at.timestamp())

    async def _parts(self, job: Job, question: ExportQuestion, version: str) -> AsyncGenerator[bytes]:
        request = question.request
        yield head(request.format, request.kind, version, request.tenant_id, question.window)
        async for part in self._jobs.parts.read(job.id):
            yield part
        if end := tail(request.format):
            yield end

    async def _find(self, call: Call) -> Job:
        job = await self._jobs.get(KIND, call.path["exportId"])
        if job is None or not call.covers(job.owner):
            raise Refusal("NOT_FOUND", "there is no such export, or its time is over, or its tenant is not covered")
        return job

    def _body(self, call: Call, job: Job) -> ExportBody:
        return ExportBody.of(call.schema_version, job, PHASES[job.phase], self._path("getExportContent", job))

    def _path(self, operation: str, job: Job) -> str:
        return self._paths[operation].replace("{exportId}", job.id)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
