"""Errors about a part of a contract, said with the file, line and column in which somebody wrote it.

What reads a bundled document names the part alone, such as `GET /orders: parameters/0/in`: the bundle has no lines.
"""

from __future__ import annotations

import re

from assay_contracts import pointers
from assay_contracts.errors import ContractError
from assay_contracts.reading import SourceFile

_OPERATION = re.compile(r"([A-Z]+) (/\S*?)(?:: (.*)|$)")
_REALTIME = ("channels", "operations")


def located(error: ContractError, openapi: SourceFile | None, asyncapi: SourceFile | None = None) -> ContractError:
    """The same error with its place in front, unless it names a file already."""
    documents = [document for document in (openapi, asyncapi) if document is not None]
    if any(document.path.name in error.subject for document in documents) or not documents:
        return error
    realtime = error.subject.split("/")[0] in _REALTIME
    document = asyncapi if realtime and asyncapi is not None else documents[0]
    place = document.place(_pointer(error.subject))
    return type(error)(
        f"{document.path}:{place.line}:{place.column}: {error.subject}",
        expected=error.expected,
        actual=error.actual,
        next_step=error.next_step,
    )


def _pointer(subject: str) -> str:
    """The pointer of a part as far as its name tells it."""
    operation = _OPERATION.match(subject)
    if operation is not None:
        method, path, rest = operation.groups()
        return pointers.join("paths", path, method.lower(), *(rest or "").replace(": ", "/").split("/"))
    if subject.startswith("paths "):
        return pointers.join("paths", subject.removeprefix("paths "))
    return pointers.join(*subject.replace(": ", "/").split("/"))
