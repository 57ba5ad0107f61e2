"""Everything that a call or a feed may raise.

    SdkError
    ├── ArgumentError                an argument that is refused before anything is sent
    ├── TransportError               the server was not reached, or did not answer in time
    ├── InvalidAnswerError           a success answer that breaks the schema of the contract
    ├── IncompatibleVersionError     an answer or a message of another major version
    ├── FeedError                    a feed that cannot go on
    │   └── FeedRefusedError         the server closed it for a reason that another attempt does not cure
    └── ApiError                     the server answered with an error
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
from typing import Any, ClassVar


class SdkError(Exception):
    """Anything that goes wrong between a caller and a server."""


class ArgumentError(SdkError, ValueError):
    """An argument that cannot be put on the wire."""

    def __init__(self, argument: str, *, expected: str, actual: str) -> None:
        super().__init__(f"{argument}: expected {expected}, got {actual}")
        self.argument = argument


class TransportError(SdkError):
    """The server was not reached, or did not answer in time."""

    def __init__(self, reason: str, *, operation: str, correlation_id: str, attempts: int) -> None:
        super().__init__(
            f"{operation}: no answer after {attempts} attempt{'s' * (attempts != 1)} ({reason}); "
            f"check the address and the network [correlation id {correlation_id}]"
        )
        self.operation = operation
        self.correlation_id = correlation_id
        self.attempts = attempts


class InvalidAnswerError(SdkError):
    """A success answer that breaks the schema of the contract."""

    category: ClassVar[str] = "contract"

    def __init__(self, problem: str, *, operation: str, correlation_id: str) -> None:
        super().__init__(
            f"{operation}: the answer breaks the contract: {problem}; "
            f"report it to the operator of the server [correlation id {correlation_id}]"
        )
        self.operation = operation
        self.correlation_id = correlation_id


class IncompatibleVersionError(SdkError):
    """An answer or a message of another major version than the client was generated from."""

    category: ClassVar[str] = "contract"

    def __init__(self, source: str, *, expected: str, actual: str, correlation_id: str = "") -> None:
        mark = f" [correlation id {correlation_id}]" if correlation_id else ""
        super().__init__(
            f"{source}: expected schema version {expected}, got {actual}; "
            f"generate the client from the contract that the server speaks{mark}"
        )
        self.expected = expected
        self.actual = actual
        self.correlation_id = correlation_id


class FeedError(SdkError):
    """A feed that cannot go on."""


class FeedRefusedError(FeedError):
    """The server closed the feed for a reason that another attempt does not cure."""

    def __init__(self, feed: str, *, code: int, when: str, reason: str) -> None:
        super().__init__(f"{feed}: closed with {code} ({when}): {reason}")
        self.feed = feed
        self.code = code
        self.when = when
        self.reason = reason


class ApiError(SdkError):
    """The server answered with an error."""

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


class ValidationError(ApiError):
    """The request is wrong."""

    category = "validation"
    next_step = "correct the request; a retry changes nothing"


class AuthorizationError(ApiError):
    """The credential is missing, or does not cover what was asked for."""

    category = "authz"
    next_step = "use a credential that covers the tenant and the scope"


class TransientError(ApiError):
    """One component is busy."""

    category = "transient"
    next_step = "try again after the pause that the server asked for"


class AvailabilityError(ApiError):
    """The service is away."""

    category = "availability"
    next_step = "keep what is on screen and try again later"


class ContractMismatchError(ApiError):
    """Client and server do not speak the same version."""

    category = "contract"
    next_step = "generate the client from a version that the server speaks"


class UnknownError(ApiError):
    """A failure that the server does not know."""


CATEGORIES: Mapping[str, type[ApiError]] = {
    kind.category: kind
    for kind in (
        ValidationError,
        AuthorizationError,
        TransientError,
        AvailabilityError,
        ContractMismatchError,
        UnknownError,
    )
}


def category_of_status(status: int) -> str:
    """The category of an answer that names none itself."""
    if status in (401, 403):
        return "authz"
    if status == 406:
        return "contract"
    if status in (408, 425, 429, 502, 504):
        return "transient"
    if status == 503:
        return "availability"
    return "validation" if 400 <= status < 500 else "unknown"
