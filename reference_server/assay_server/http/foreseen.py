"""What the HTTP server's own errors are in the words of a contract."""

from __future__ import annotations

from sanic.exceptions import BadRequest, MethodNotAllowed, NotFound, PayloadTooLarge, SanicException, ServiceUnavailable

from assay_server.http.errors import Refusal


def foreseen(error: Exception) -> Refusal | None:
    """What an error of the HTTP server is in the contract's words; None when it has none."""
    match error:
        case NotFound():
            return Refusal("NOT_FOUND", "there is nothing at this path")
        case MethodNotAllowed():
            # The router names the methods that it knows in an order of its own.
            allowed = sorted(str(error.headers.get("Allow", "GET")).replace(" ", "").split(","))
            return Refusal("METHOD_NOT_ALLOWED", "the path does not know this method", headers={"Allow": ", ".join(allowed)})
        case PayloadTooLarge():
            return Refusal("PAYLOAD_TOO_LARGE", "the request is larger than the server takes", field="request")
        case ServiceUnavailable():
            return Refusal("SERVICE_UNAVAILABLE", "the server took too long; come back in 2 s", component="api")
        case BadRequest():
            return Refusal("INVALID_PARAMETER", "the request is not proper HTTP", field="request")
        case SanicException() if error.status_code in (408, 417, 426) or error.status_code == 400:
            return Refusal("INVALID_PARAMETER", "the request is not proper HTTP", field="request")
        case _:
            return None
