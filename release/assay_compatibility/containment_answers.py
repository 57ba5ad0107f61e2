"""What the containment engine answers, for callers that go on where it cannot read a schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assay_containment import Answer

# The validator is written in Rust; where it panics, its binding raises a class of this name that is no `Exception`.
_PANIC = "PanicException"


def containment(smaller: dict[str, Any], larger: Any, *, asserted: bool = False) -> Answer | None:
    """Whether every instance of one schema is one of the other, or None where the engine cannot read one of the two.

    With `asserted` formats are assertions. A defect of the engine itself is raised: it is no answer.
    """
    from assay_containment import SchemaInvalid, contains, contains_asserted

    try:
        return contains_asserted(smaller, larger) if asserted else contains(smaller, larger)
    except (SchemaInvalid, RecursionError):
        return None
    except BaseException as error:
        if type(error).__name__ == _PANIC:
            return None
        raise
