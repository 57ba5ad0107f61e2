"""What the containment engine answers, for callers that go on where it cannot read a schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assay_containment import Answer, Formats

# The validator is written in Rust; where it panics, its binding raises a class of this name that is no `Exception`.
_PANIC = "PanicException"


def containment(smaller: dict[str, Any], larger: Any, *, formats: Formats = None) -> Answer | None:
    """Whether every instance of one schema is one of the other, or None where the engine cannot read one of the two.

    `formats` is how `format` is read, as `contains` has it. A defect of the engine itself is raised: it is no answer.
    """
    from assay_containment import SchemaInvalid, contains

    try:
        return contains(smaller, larger, formats=formats)
    except (SchemaInvalid, RecursionError):
        return None
    except BaseException as error:
        if type(error).__name__ == _PANIC:
            return None
        raise
