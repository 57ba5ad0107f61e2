"""Everything that a call or a feed may raise.

    SdkError
    ├── ArgumentError                an argument that is rejected before anything is sent
    ├── ClientClosed                 a call of a client that was closed
    ├── TokenError                   the server that issues tokens gave none
    ├── TransportError               the server was not reached, or did not respond in time
    │   └── DeadlineExceeded         the call took longer than its total timeout
    ├── InvalidAnswerError           a success response that breaks the schema of the contract
    ├── IncompatibleVersionError     a response or a message of another major version
    ├── CursorExpired                a list whose next page can no longer be read
    ├── JobError                     a job that did not come to a result
    │   ├── JobFailed                it ended in a state without one
    │   └── JobTimeout               it did not end in time
    ├── FeedError                    a feed that cannot go on
    │   └── FeedRefusedError         the server closed it for a reason that another attempt does not cure
    └── ApiError                     the server responded with an error
        ├── RedirectError            it redirects to where the request must not follow
        ├── ValidationError          the request is wrong; nothing is retried
        ├── AuthorizationError       the credential is missing, or does not cover what was asked for
        ├── TransientError           one component is busy; retried a bounded number of times
        ├── AvailabilityError        the service is away; retried with growing pauses
        ├── ContractMismatchError    client and server do not speak the same version
        └── UnknownError             anything else; quote the correlation id

Each contract adds one class per code of its taxonomy below its category, such as `InvalidWindow(ValidationError)`.
A code that the contract does not know falls back to its category, and without one to its status.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar


def _restore(kind: type[SdkError], args: tuple[object, ...], state: Mapping[str, Any]) -> SdkError:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class SdkError(Exception):
    """The base of every error of a client.

    Catch it to handle all of them; the docstring of this module has the tree.
    """

    def __reduce__(self) -> tuple[object, ...]:
        """Errors cross process borders with all that they carry, whatever their constructor takes."""
        return _restore, (type(self), self.args, self.__dict__.copy())


class ClientClosed(SdkError, RuntimeError):
    """A method was called on a closed client.

    It is a `RuntimeError` too.
    """

    def __init__(self, client: str) -> None:
        super().__init__(f"{client} is closed; expected an open client; call inside its `with` block or create another one")
        self.client = client


class ArgumentError(SdkError, ValueError):
    """An argument cannot be sent, such as one of a wrong type or outside its bounds.

    `argument` is its name. It is a `ValueError` too.
    """

    def __init__(self, argument: str, *, expected: str, actual: str) -> None:
        super().__init__(f"{argument}: expected {expected}, got {actual}")
        self.argument = argument


class TokenError(SdkError):
    """The server that issues tokens gave none: `status` is that of its response, 0 without one; `code` is its OAuth error code."""

    def __init__(self, status: int, code: str | None) -> None:
        answered = (f"it responded {status}" if status else "it did not respond") + (f" ({code[:200]})" if code else "")
        super().__init__(f"no token was issued: {answered}; check client id, secret, scopes and token_url")
        self.status = status
        self.code = code


class TransportError(SdkError):
    """The server was not reached, or did not respond in time.

    `attempts` counts all attempts. `sent` is False when no byte of the request was sent, so that the server cannot have acted on it.
    """

    next_step: ClassVar[str] = "check the address and the network"

    def __init__(self, reason: str, *, operation: str, correlation_id: str, attempts: int, sent: bool = True) -> None:
        super().__init__(
            f"{operation}: no response after {attempts} attempt{'s' * (attempts != 1)} ({reason}); "
            f"{self.next_step} [correlation id {correlation_id}]"
        )
        self.operation = operation
        self.correlation_id = correlation_id
        self.attempts = attempts
        self.sent = sent


class DeadlineExceeded(TransportError):
    """The call took longer than its `total_timeout`, in seconds, with all its retries.

    The server may still have acted on the request.
    """

    next_step = "raise total_timeout, or ask for less"


@dataclass(frozen=True, slots=True)
class ErrorResponse:
    """The response that an error was raised for.

    `content` has at most the first 64 KiB of the body; `truncated` says whether there was more.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    content: bytes = field(default=b"", repr=False)
    truncated: bool = False

    @property
    def media_type(self) -> str:
        """The media type without its parameters, in lower case; empty when the server named none."""
        return next((value for name, value in self.headers.items() if name.lower() == "content-type"), "").partition(";")[0].strip().lower()

    @property
    def text(self) -> str:
        """The body as text; what is not UTF-8 in it is replaced."""
        return self.content.decode("utf-8", "replace")


class InvalidAnswerError(SdkError):
    """A success response breaks the schema of the contract.

    `response` has the status, the headers and the body as received.
    """

    category: ClassVar[str] = "contract"

    def __init__(self, problem: str, *, operation: str, correlation_id: str, response: ErrorResponse | None = None) -> None:
        super().__init__(
            f"{operation}: the response breaks the contract: {problem}; "
            f"report it to the operator of the server [correlation id {correlation_id}]"
        )
        self.operation = operation
        self.correlation_id = correlation_id
        self.response = response


class IncompatibleVersionError(SdkError):
    """A response or a message has another major version than the client.

    `expected` and `actual` are versions such as `1.0.0`.
    """

    category: ClassVar[str] = "contract"

    def __init__(self, source: str, *, expected: str, actual: str, correlation_id: str = "") -> None:
        mark = f" [correlation id {correlation_id}]" if correlation_id else ""
        super().__init__(
            f"{source}: expected schema version {expected}, got {actual}; generate the client from the contract version of the server{mark}"
        )
        self.expected = expected
        self.actual = actual
        self.correlation_id = correlation_id


class CursorExpired(SdkError):
    """The next page of a list can no longer be read: its cursor was rejected. `checkpoint` is the place that was reached.

    Start again from the first page and skip what is known, or begin where `checkpoint` says with another list.
    """

    def __init__(self, operation: str, *, checkpoint: object, correlation_id: str) -> None:
        super().__init__(
            f"{operation}: the server rejects the cursor of the next page; expected one that is still valid; "
            f"start again from the first page [correlation id {correlation_id}]"
        )
        self.operation = operation
        self.checkpoint = checkpoint
        self.correlation_id = correlation_id


class JobError(SdkError):
    """A job has no result.

    `job` is its id, `state` its last state, and `status` the last response about it.
    """

    def __init__(self, message: str, *, job: str, state: str, status: object) -> None:
        super().__init__(message)
        self.job = job
        self.state = state
        self.status = status


class JobFailed(JobError):
    """The job ended in a state without a result.

    `status` has the reason that the server gives, where the contract has one.
    """


class JobTimeout(JobError):
    """The job did not end within the time limit.

    It may still be running; call `wait` again to continue.
    """


class FeedError(SdkError):
    """A feed cannot continue.

    A feed reconnects by itself, so this is raised only when no reconnect can help.
    """


class FeedRefusedError(FeedError):
    """The server closed the feed for a reason that a reconnect does not fix.

    `code` is the WebSocket close code, `when` the reason in the contract, such as `unauthenticated`.
    """

    def __init__(self, feed: str, *, code: int, when: str, reason: str) -> None:
        super().__init__(f"{feed}: closed with {code} ({when}): {reason}")
        self.feed = feed
        self.code = code
        self.when = when
        self.reason = reason


class ApiError(SdkError):
    """The server responded with an error.

    `body` is the model that the document declares for the status, else the JSON of the body, else its text;
    `response` holds status, headers and the body as received.
    """

    category: ClassVar[str] = "unknown"
    next_step: ClassVar[str] = "quote the correlation id to the operator of the server"

    def __init__(
        self,
        message: str,
        *,
        code: str,
        status: int,
        operation: str,
        correlation_id: str,
        retryable: bool | None = None,
        retry_after: float | None = None,
        details: Mapping[str, Any] | None = None,
        attempts: int = 1,
        body: Any = None,
        response: ErrorResponse | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.status = status
        self.operation = operation
        self.correlation_id = correlation_id
        self.retryable = retryable
        self.retry_after = retry_after
        self.details: Mapping[str, Any] = details or {}
        self.attempts = attempts
        self.body = body
        self.response = response or ErrorResponse(status)

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers of the response."""
        return self.response.headers

    @property
    def media_type(self) -> str:
        """The media type of the body; empty when the server named none."""
        return self.response.media_type

    @property
    def text(self) -> str:
        """The body as text, at most its first 64 KiB."""
        return self.response.text

    @property
    def field(self) -> str | None:
        """The parameter that is wrong, when the server named one."""
        return self._detail("field")

    @property
    def component(self) -> str | None:
        """The part of the system that failed, when the server named one."""
        return self._detail("component")

    def _detail(self, name: str) -> str | None:
        value = self.details.get(name)
        return value if isinstance(value, str) else None

    def __str__(self) -> str:
        return f"{self.operation}: {self.code} ({self.status}): {self.message}; {self.next_step} [correlation id {self.correlation_id}]"


class RedirectError(ApiError):
    """The server redirects to another origin, or redirects a request that changes something.

    The client does not follow it, because it would send the credential or repeat the change. `location` is the address.
    """

    category = "redirect"
    next_step = "send the request to that address if it is trusted, or correct base_url"

    @property
    def location(self) -> str:
        """The address that the server named."""
        return next((value for name, value in self.headers.items() if name.lower() == "location"), "")


class ValidationError(ApiError):
    """The request is invalid.

    Raised for codes of the category `validation`. `details` has what the server says about it.
    """

    category = "validation"
    next_step = "correct the request; a retry changes nothing"


class AuthorizationError(ApiError):
    """The credential is missing, invalid or not sufficient.

    Raised for codes of the category `authz`. A retry with the same credential has the same result.
    """

    category = "authz"
    next_step = "use a credential that covers the tenant and the scope"


class TransientError(ApiError):
    """A component of the server is temporarily busy.

    Raised for codes of the category `transient`, after the retries that `RetryPolicy` allows.
    """

    category = "transient"
    next_step = "retry after the time in Retry-After"


class AvailabilityError(ApiError):
    """The service is not available.

    Raised for codes of the category `availability`, after the retries that `RetryPolicy` allows.
    """

    category = "availability"
    next_step = "keep what is on screen and try again later"


class ContractMismatchError(ApiError):
    """The server does not support the contract version of the client.

    Raised for codes of the category `contract`. Generate the client from a version that the server supports.
    """

    category = "contract"
    next_step = "generate the client from a version that the server supports"


class UnknownError(ApiError):
    """An error that belongs to no category of the taxonomy.

    Give its `correlation_id` to the operator of the server.
    """
