"""What is asked of the source axis, by those who may do without: what it needs is imported when it is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from assay_contracts import ExtraMissing

if TYPE_CHECKING:
    from assay_compatibility.findings import Finding

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Documents:
    """The bundled documents that a client is generated from."""

    openapi: Mapping[str, Any]
    asyncapi: Mapping[str, Any] | None = None
    source: str = ""


def compare_sources(old: Documents, new: Documents) -> tuple[Finding, ...]:
    """What a caller of the old side's generated client meets in that of the new side, worst first."""

    def asked() -> tuple[Finding, ...]:
        from assay_compatibility.client import comparing

        return comparing.compare_sources(old, new)

    return _with_what_it_needs(asked)


def refusal(documents: Documents) -> str | None:
    """Why no client is generated from these documents, or None when one is."""

    def asked() -> str | None:
        from assay_compatibility.client import comparing

        return comparing.refusal(documents)

    return _with_what_it_needs(asked)


def _with_what_it_needs(asked: Callable[[], T]) -> T:
    try:
        return asked()
    except ModuleNotFoundError as error:
        raise ExtraMissing(
            "the source axis",
            expected=f"the package {error.name}",
            actual="none installed",
            next_step='install it with: pip install "assay[release]"',
        ) from error
