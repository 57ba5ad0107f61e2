"""What is asked of the source axis, by those who may do without: what it needs is imported when it is asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from assay_contracts import ExtraMissing

from assay_compatibility.client.client_documents import Documents

if TYPE_CHECKING:
    from assay_compatibility.findings import Finding

T = TypeVar("T")


def compare_sources(old: Documents, new: Documents) -> tuple[Finding, ...]:
    """What a caller of the old side's generated client meets in that of the new side, worst first."""

    def compute() -> tuple[Finding, ...]:
        from assay_compatibility.client import comparing

        return comparing.compare_sources(old, new)

    return _with_what_it_needs(compute)


def refusal(documents: Documents) -> str | None:
    """Why no client is generated from these documents, or None when one is."""

    def compute() -> str | None:
        from assay_compatibility.client import comparing

        return comparing.refusal(documents)

    return _with_what_it_needs(compute)


def _with_what_it_needs(compute: Callable[[], T]) -> T:
    try:
        return compute()
    except ModuleNotFoundError as error:
        raise ExtraMissing(
            "the source axis",
            expected=f"the package {error.name}",
            actual="none installed",
            next_step='install it with: pip install "assay[release]"',
        ) from error
