"""A store of the executive contract over a fresh database."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from assay_server.executive.store import Store
from assay_server.postgres.connections import Limits


@pytest.fixture
async def books(dsn: str) -> AsyncIterator[Store]:
    """An empty store."""
    async with await Store.open(dsn, Limits(acquire_seconds=30, statement_seconds=30)) as opened:
        yield opened
