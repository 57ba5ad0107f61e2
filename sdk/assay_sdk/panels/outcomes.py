"""What an attempt to load a panel came to, by the error that ended it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from assay_sdk.errors import ApiError, ContractMismatchError, DeadlineExceeded, IncompatibleVersionError, InvalidAnswerError, TransportError
from assay_sdk.panels.states import Outcome

_CATEGORIES: Final[Mapping[str, Outcome]] = {
    "transient": "transient",
    "availability": "availability",
    "validation": "validation",
    "authz": "authz",
    "contract": "contract",
}
# A store or an upstream that is busy: a shorter window asks less of it, which is no help against a limit of requests.
_SLOW_STATUS: Final = frozenset({408, 503, 504})


def outcome_of(error: BaseException) -> Outcome:
    """The outcome that an error stands for; what is not known is `unknown`."""
    if isinstance(error, (IncompatibleVersionError, ContractMismatchError)):
        return "contract"
    if isinstance(error, InvalidAnswerError):
        return "corrupt"
    if isinstance(error, (DeadlineExceeded, TimeoutError)):
        return "slow"
    if isinstance(error, TransportError):
        return "availability"
    if not isinstance(error, ApiError):
        return "unknown"
    if error.category == "transient" and error.status in _SLOW_STATUS:
        return "slow"
    return _CATEGORIES.get(error.category, "unknown")
