"""In-toto statements in files, bare or in a DSSE envelope."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from assay_contracts.json_types import is_mapping


def unwrapped(value: Any) -> Any:
    """The statement of a JSON value: the payload where it is a DSSE envelope, else the value itself.

    Signatures are not checked. An envelope whose payload is not JSON in base64 gives None.
    """
    if not is_mapping(value) or "payload" not in value or "signatures" not in value:
        return value
    try:
        return json.loads(base64.b64decode(value["payload"], validate=True))
    except (binascii.Error, TypeError, ValueError, RecursionError):
        return None
