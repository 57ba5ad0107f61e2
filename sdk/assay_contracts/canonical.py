"""The canonical bytes of a JSON value and their digest: what lock, certificate and bundle agree on."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from assay_contracts.errors import DocumentMalformed


def canonical_bytes(value: Any) -> bytes:
    """Sorted keys, no spaces, UTF-8 as it is, a newline at the end: one value has one form."""
    try:
        written = json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return f"{written}\n".encode()
    except UnicodeEncodeError:
        raise DocumentMalformed("the document", expected="Unicode text", actual="a lone surrogate") from None


def digest(*parts: bytes) -> str:
    """`sha256:` and the hexadecimal digest of the parts, one after the other."""
    summing = hashlib.sha256()
    for part in parts:
        summing.update(part)
    return f"sha256:{summing.hexdigest()}"
