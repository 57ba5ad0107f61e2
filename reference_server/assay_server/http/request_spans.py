"""The span of a request, from what Sanic knows of it."""

from __future__ import annotations

import re
from contextlib import AbstractContextManager
from typing import Any, cast

from sanic import Request

from assay_server.tracing import UNTRACED, RequestSpan, collected, request_span

_PARAMETER = re.compile(r"<(\w+)(?::[^>]*)?>")


def span_of(request: Request) -> AbstractContextManager[RequestSpan]:
    """The span of a request; its parent is the one that the client names."""
    if not collected():
        return UNTRACED
    template = None if request.route is None else "/" + _PARAMETER.sub(r"{\1}", request.route.path)
    transport: Any = request.transport
    address = transport.get_extra_info("sockname") or ("", 0)
    headers = {name: value for name, value in cast("Any", request.headers).items() if name in ("traceparent", "tracestate")}
    return request_span(request.method, template, request.path, (str(address[0]), int(address[1])), headers)
