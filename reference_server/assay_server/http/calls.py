"""What an operation is called with, and what answers it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from assay_server.http.auth import Grant
from assay_server.http.contract_view import Endpoint
from assay_server.http.replies import Reply


@dataclass(frozen=True, slots=True)
class Call:
    """A request that may be answered.

    `tenant` is empty for an operation without tenants, and `subject` for one without a credential. `path`, `values` and `headers` are the
    parameters of the path, the query and the headers by name, and `body` is the request body, all as their schemas have them.
    `schema_version` is the version of the payload that the client reads.
    """

    endpoint: Endpoint
    tenant: str
    values: Mapping[str, Any]
    faults: frozenset[str]
    subject: str = ""
    path: Mapping[str, Any] = field(default_factory=dict[str, Any])
    headers: Mapping[str, Any] = field(default_factory=dict[str, Any])
    body: Any = None
    schema_version: str = ""
    given: frozenset[str] = frozenset()
    """The names in the query, for a parameter whose default depends on others."""
    grant: Grant | None = None
    """What the credential allows; None for an operation without one."""

    def covers(self, tenant: str) -> bool:
        """Whether the credential speaks for a tenant."""
        return self.grant is not None and self.grant.covers(tenant)


Answering = Callable[[Call], Awaitable[Reply]]
