"""The canonical bytes of a JSON value and their digest: what lock, certificate and bundle agree on."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from assay_contracts.errors import DocumentMalformed


def canonical_bytes(value: Any) -> bytes:
    r"""The canonical form of a JSON value: sorted keys, no spaces, UTF-8, a newline at the end.

    Equal values give equal bytes. Raises `DocumentMalformed` for a string with a lone surrogate, and `ValueError` for NaN or infinity.

    >>> canonical_bytes({"b": 1, "a": "\u00e9"})
    b'{"a":"\xc3\xa9","b":1}\n'
    """
    try:
        written = json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return f"{written}\n".encode()
    except UnicodeEncodeError:
        raise DocumentMalformed("the document", expected="a Unicode string", actual="a lone surrogate") from None


def digest(*parts: bytes) -> str:
    """The SHA-256 digest of byte strings one after the other, as `sha256:` and 64 hexadecimal digits.

    >>> digest(b"a", b"b") == digest(b"ab")
    True
    """
    summing = hashlib.sha256()
    for part in parts:
        summing.update(part)
    return f"sha256:{summing.hexdigest()}"
