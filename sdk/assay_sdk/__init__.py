"""The client people import.

Nothing is loaded until a name is asked for, so that importing this package costs next to nothing.
"""

from importlib import import_module

# A constant of this name is what type checkers look for; importing `typing` would be most of what this import costs.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from assay_sdk.clocks import Clock
    from assay_sdk.errors import (
        ApiError,
        ArgumentError,
        AuthorizationError,
        AvailabilityError,
        ClientClosed,
        ContractMismatchError,
        CursorExpired,
        DeadlineExceeded,
        ErrorResponse,
        FeedError,
        FeedRefusedError,
        IncompatibleVersionError,
        InvalidAnswerError,
        JobError,
        JobFailed,
        JobTimeout,
        RedirectError,
        SdkError,
        TokenError,
        TransientError,
        TransportError,
        UnknownError,
        ValidationError,
    )
    from assay_sdk.events import ServerSentEvent
    from assay_sdk.exchanges import Exchange, RowDefect
    from assay_sdk.feed import AsyncFeed, CannotReplay, Feed, NothingMissed, Replayed
    from assay_sdk.generated.reliability_1_0_0 import AsyncReliabilityClient, ReliabilityClient
    from assay_sdk.hooks import Hooks
    from assay_sdk.model import Model, exchange_of
    from assay_sdk.oauth import ClientCredentials
    from assay_sdk.over_httpx import AsyncHttpxTransport, HttpxTransport
    from assay_sdk.pages import AsyncPage, Checkpoint, Page, resume, resume_async
    from assay_sdk.retry import NO_RETRY, RetryPolicy
    from assay_sdk.servers import Server
    from assay_sdk.settings import CallOptions, ClientOptions, FeedPolicy
    from assay_sdk.telemetry import ConnectionChanged, LoggedTelemetry, RowDropped, Telemetry
    from assay_sdk.transport import Answer, NoAnswer, OpenAnswer, Request, StreamingTransport, Transport
    from assay_sdk.views import AsyncRawResponse, RawResponse, Response

__all__ = [
    "NO_RETRY",
    "Answer",
    "ApiError",
    "ArgumentError",
    "AsyncFeed",
    "AsyncHttpxTransport",
    "AsyncPage",
    "AsyncRawResponse",
    "AsyncReliabilityClient",
    "AuthorizationError",
    "AvailabilityError",
    "CallOptions",
    "CannotReplay",
    "Checkpoint",
    "ClientClosed",
    "ClientCredentials",
    "ClientOptions",
    "Clock",
    "ConnectionChanged",
    "ContractMismatchError",
    "CursorExpired",
    "DeadlineExceeded",
    "ErrorResponse",
    "Exchange",
    "Feed",
    "FeedError",
    "FeedPolicy",
    "FeedRefusedError",
    "Hooks",
    "HttpxTransport",
    "IncompatibleVersionError",
    "InvalidAnswerError",
    "JobError",
    "JobFailed",
    "JobTimeout",
    "LoggedTelemetry",
    "Model",
    "NoAnswer",
    "NothingMissed",
    "OpenAnswer",
    "Page",
    "RawResponse",
    "RedirectError",
    "ReliabilityClient",
    "Replayed",
    "Request",
    "Response",
    "RetryPolicy",
    "RowDefect",
    "RowDropped",
    "SdkError",
    "Server",
    "ServerSentEvent",
    "StreamingTransport",
    "Telemetry",
    "TokenError",
    "TransientError",
    "Transport",
    "TransportError",
    "UnknownError",
    "ValidationError",
    "exchange_of",
    "resume",
    "resume_async",
]

_ERRORS = "assay_sdk.errors"
_GENERATED = "assay_sdk.generated.reliability_1_0_0"
_HOMES = {
    "NO_RETRY": "assay_sdk.retry",
    "Answer": "assay_sdk.transport",
    "ApiError": _ERRORS,
    "ArgumentError": _ERRORS,
    "AsyncFeed": "assay_sdk.feed",
    "AsyncHttpxTransport": "assay_sdk.over_httpx",
    "AsyncPage": "assay_sdk.pages",
    "AsyncRawResponse": "assay_sdk.views",
    "AsyncReliabilityClient": _GENERATED,
    "AuthorizationError": _ERRORS,
    "AvailabilityError": _ERRORS,
    "CallOptions": "assay_sdk.settings",
    "CannotReplay": "assay_sdk.feed",
    "Checkpoint": "assay_sdk.pages",
    "ClientClosed": _ERRORS,
    "ClientCredentials": "assay_sdk.oauth",
    "ClientOptions": "assay_sdk.settings",
    "Clock": "assay_sdk.clocks",
    "ConnectionChanged": "assay_sdk.telemetry",
    "ContractMismatchError": _ERRORS,
    "CursorExpired": _ERRORS,
    "DeadlineExceeded": _ERRORS,
    "ErrorResponse": _ERRORS,
    "Exchange": "assay_sdk.exchanges",
    "Feed": "assay_sdk.feed",
    "FeedError": _ERRORS,
    "FeedPolicy": "assay_sdk.settings",
    "FeedRefusedError": _ERRORS,
    "Hooks": "assay_sdk.hooks",
    "HttpxTransport": "assay_sdk.over_httpx",
    "IncompatibleVersionError": _ERRORS,
    "InvalidAnswerError": _ERRORS,
    "JobError": _ERRORS,
    "JobFailed": _ERRORS,
    "JobTimeout": _ERRORS,
    "LoggedTelemetry": "assay_sdk.telemetry",
    "Model": "assay_sdk.model",
    "NoAnswer": "assay_sdk.transport",
    "NothingMissed": "assay_sdk.feed",
    "OpenAnswer": "assay_sdk.transport",
    "Page": "assay_sdk.pages",
    "RawResponse": "assay_sdk.views",
    "RedirectError": _ERRORS,
    "ReliabilityClient": _GENERATED,
    "Replayed": "assay_sdk.feed",
    "Request": "assay_sdk.transport",
    "Response": "assay_sdk.views",
    "RetryPolicy": "assay_sdk.retry",
    "RowDefect": "assay_sdk.exchanges",
    "RowDropped": "assay_sdk.telemetry",
    "SdkError": _ERRORS,
    "Server": "assay_sdk.servers",
    "ServerSentEvent": "assay_sdk.events",
    "StreamingTransport": "assay_sdk.transport",
    "Telemetry": "assay_sdk.telemetry",
    "TokenError": _ERRORS,
    "TransientError": _ERRORS,
    "Transport": "assay_sdk.transport",
    "TransportError": _ERRORS,
    "UnknownError": _ERRORS,
    "ValidationError": _ERRORS,
    "exchange_of": "assay_sdk.model",
    "resume": "assay_sdk.pages",
    "resume_async": "assay_sdk.pages",
}


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found: object = getattr(import_module(home), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return __all__
