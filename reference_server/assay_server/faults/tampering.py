"""Success answers that are broken on purpose, for clients to try themselves on."""

from __future__ import annotations

from typing import Any

import msgspec


def tamper(body: bytes, faults: frozenset[str], required: tuple[str, ...], served: str) -> bytes:
    """The body as the faults leave it; the same object when none of them touches it, or it is no JSON object.

    `corrupt-payload` puts a text where the last of the required members has something else, `schema-drift` states
    a schema version of the major after the served one.
    """
    if not faults & {"corrupt-payload", "schema-drift"}:
        return body
    try:
        document = msgspec.json.decode(body, type=dict[str, Any])
    except msgspec.DecodeError:
        return body
    if "corrupt-payload" in faults:
        document[required[-1]] = "corrupt"
    if "schema-drift" in faults:
        document["schemaVersion"] = f"{int(served.split('.')[0]) + 1}.0.0"
    return msgspec.json.encode(document)
