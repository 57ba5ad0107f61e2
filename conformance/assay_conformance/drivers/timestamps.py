"""Writes one instant in other notations: where the contract lets a parameter be a date-time, and where it lets it be no such text.

RFC 3339 has an offset in place of `Z`, and no time without either. It leaves letters in lower case to whoever uses it, so that a
server may accept or reject those; what it accepts has to be the same instant.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

from assay_contracts import Operation, Parameter
from assay_contracts.json_types import is_mapping

from assay_conformance.body_values import EPOCH, instant
from assay_conformance.corpus.error_codes_of_parameters import governance
from assay_conformance.corpus.schemas import Misfit, Reader, Undecided
from assay_conformance.derivations import moments_of
from assay_conformance.driver_context import DriverContext
from assay_conformance.evidence import Exchange, Twice
from assay_conformance.request_plans import allowed_query, needed_headers, stated_value
from assay_conformance.schema_kinds import kinds_of, resolved

EXAMPLE = "2026-11-01T00:00:00Z"
NO_TIME = "no-time-at-all"
AHEAD = dt.timedelta(hours=5, minutes=30)
_IN_UTC = re.compile(r"\bUTC\b|`Z`|\bZulu\b")


async def drive(context: DriverContext) -> None:
    """Send every date-time in the query of an operation that reads in each notation, beside the one that is right for sure."""
    for operation in context.contract.operations:
        if operation.method != "GET":
            continue
        query = allowed_query(context, operation)
        stated = moments_of(context.contract, operation)
        for parameter in operation.parameters:
            if parameter.location == "query" and parameter.name not in stated and is_date_time(parameter):
                await _write(context, operation, parameter, query)


def is_date_time(parameter: Parameter) -> bool:
    """Whether a parameter is one date-time or none: it takes a time, and no other text."""
    top = resolved(parameter.schema)
    parts = [top, *(part for key in ("anyOf", "oneOf", "allOf") for part in top.get(key, ()) if is_mapping(part))]
    if not kinds_of(parameter.schema) <= {"string", "null"} or all(part.get("format") != "date-time" for part in parts):
        return False
    reader = Reader(parameter.schema)
    return reader.fits(EXAMPLE) and not reader.fits(NO_TIME)


def notations(text: str) -> Iterator[tuple[str, str]]:
    """An instant that is written in UTC with `Z`, in other ways, each with what is different about it.

    >>> [text for _, text in notations("2026-11-01T00:00:00Z")][:3]
    ['2026-11-01T00:00:00', '2026-11-01T00:00:00+00:00', '2026-11-01T05:30:00+05:30']
    """
    moment = instant(text)
    if moment is None or not text.endswith("Z") or "T" not in text:
        return
    plain = text.removesuffix("Z")
    there = EPOCH + dt.timedelta(microseconds=moment) + AHEAD
    fraction = plain[plain.index(".") :] if "." in plain else ""
    yield "without a zone", plain
    yield "with the offset +00:00", f"{plain}+00:00"
    yield "with another offset", f"{there:%Y-%m-%dT%H:%M:%S}{fraction}+05:30"
    yield "in lower case", text.lower()


def expected_of(parameter: Parameter, notation: str, text: str) -> str:
    """What becomes of a notation by the contract: `accepted`, `refused`, or `any` where a right server may do either."""
    try:
        Reader(parameter.schema).read(text)
    except Misfit as misfit:
        # Some validators know no lower-case letters; only a pattern of the contract forbids them for sure.
        return "any" if str(misfit) == "format" and notation == "in lower case" else "refused"
    except Undecided:
        return "any"
    # A contract may say in prose alone that its times are in UTC, which forbids no notation beyond doubt.
    prose = f"{parameter.description} {resolved(parameter.schema).get('description', '')}"
    return "any" if notation == "in lower case" or _IN_UTC.search(prose) else "accepted"


async def _write(context: DriverContext, operation: Operation, parameter: Parameter, query: dict[str, Any]) -> None:
    text = query.get(parameter.name, stated_value(context.target, parameter))
    if not isinstance(text, str):
        return
    codes = governance(context.contract, operation)
    headers = needed_headers(context, operation)

    async def ask(value: str, what: str, expected: str, known: tuple[str, ...] = ()) -> Exchange:
        sent = {**query, parameter.name: value}
        purpose = f"{parameter.name} {what}"
        return await context.wire.ask(operation, sent, headers=headers, purpose=purpose, expected=expected, codes=known)

    first = await ask(text, "in UTC", "any")
    if not first.answer.succeeded:
        return  # another rule decides, such as one of two parameters that exclude each other
    for notation, written in notations(text):
        expected = expected_of(parameter, notation, written)
        refusing = codes.answers(codes.of(parameter.name)) if expected == "refused" else ()
        again = await ask(written, notation, expected, refusing)
        if expected != "refused" and again.answer.succeeded and "x-window" in operation.annotations:
            purpose = f"{parameter.name} {notation}"
            name = context.journal.name("twice-")
            context.journal.add(Twice(id=name, subject=operation.id, purpose=purpose, first=first, again=again))
