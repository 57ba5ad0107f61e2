"""Logs: one JSON line each on standard error, never with a token in it.

The event loop, Sanic and every other library speak through the same door.
"""

from __future__ import annotations

import logging
import sys
from typing import Any, TextIO, cast

import structlog

from assay_server.log_writer import LogWriter

Log = structlog.typing.FilteringBoundLogger

_LIBRARIES = ("sanic.root", "sanic.error", "sanic.access", "sanic.server", "sanic.websockets", "asyncio", "psycopg.pool")


def configure_logs(level: str = "info", stream: TextIO | LogWriter = sys.stderr, worker: int | None = None) -> Log:
    """Set up logging for the process and return the server's own log; lines go to `stream`, each with the number of the worker."""

    def numbered(_: Any, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
        event["worker"] = worker
        return event

    number = logging.getLevelNamesMapping()[level.upper()]
    shared: list[structlog.typing.Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        *([] if worker is None else [numbered]),
    ]
    render = structlog.processors.JSONRenderer(separators=(",", ":"))
    structlog.configure(
        processors=[*shared, structlog.processors.format_exc_info, render],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(cast(TextIO, stream)),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, _named],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.format_exc_info, render],
        )
    )
    for name in _LIBRARIES:
        library = logging.getLogger(name)
        library.handlers = [handler]
        library.propagate = False
        # Libraries tell of every connection at lower levels, and of headers at the lowest.
        library.setLevel(logging.WARNING)
    log: Log = structlog.get_logger("assay")
    return log


def _named(_: Any, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    record: logging.LogRecord | None = event.get("_record")
    if record is not None:
        event["library"] = record.name
    return event
