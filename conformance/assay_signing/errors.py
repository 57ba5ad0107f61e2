"""What can be wrong with a key or a signature.

KeyUnusable        exit 2   a key cannot be read, or is of another kind
SignatureInvalid   exit 1   an envelope is malformed, or a signature in it does not hold
"""

from __future__ import annotations

from assay_contracts import AssayError


class KeyUnusable(AssayError):
    """A key cannot be read, written, or is not an ed25519 key.

    The message names the source of the key and never the key.
    """


class SignatureInvalid(AssayError):
    """An envelope is malformed, or one of its signatures does not hold.

    The exit code is 1.
    """

    exit_code = 1
