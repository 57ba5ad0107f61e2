"""Ed25519 keys: made, kept in PEM files or environment variables, and named by a key id.

A key id is `ed25519:` and the public key itself in unpadded base64url, 43 characters. Whoever has the id can check a signature, so no
second file has to travel with a certificate; whether to trust an id is the reader's decision.
"""

from __future__ import annotations

import base64
import binascii
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import NewType

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from assay_signing.errors import KeyUnusable

KeyId = NewType("KeyId", str)

PREFIX = "ed25519:"
FROM_ENVIRONMENT = "env:"
PASSPHRASE = "ASSAY_KEY_PASSPHRASE"  # noqa: S105
"""The environment variable with the passphrase of an encrypted key."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key. Its text form shows the key id alone."""

    id: KeyId
    _private: Ed25519PrivateKey = field(repr=False, compare=False)

    def sign(self, data: bytes) -> bytes:
        """The signature of some bytes, 64 bytes long."""
        return self._private.sign(data)

    def private_pem(self) -> bytes:
        """The private key as unencrypted PKCS 8 in PEM."""
        return self._private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())

    def public_pem(self) -> bytes:
        """The public key as SubjectPublicKeyInfo in PEM."""
        return self._private.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def new_key() -> SigningKey:
    """A new random key."""
    return _signing_key(Ed25519PrivateKey.generate())


def write_key(key: SigningKey, path: Path) -> Path:
    """Write the private key to a new file that only its owner can read, and the public key beside it as `<path>.pub`.

    Gives the path of the public key. Raises `KeyUnusable` where one of the files exists: a key is never overwritten.
    """
    public = path.with_name(f"{path.name}.pub")
    if public.exists():
        raise KeyUnusable(str(public), expected="a new file", actual="one that exists", next_step="choose another name")
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise KeyUnusable(str(path), expected="a new file", actual="one that exists", next_step="choose another name") from None
    except OSError as error:
        raise KeyUnusable(str(path), expected="a file that can be written", actual=error.strerror or str(error)) from None
    with os.fdopen(handle, "wb") as file:
        file.write(key.private_pem())
    public.write_bytes(key.public_pem())
    return public


def read_signing_key(source: str) -> SigningKey:
    """Read a private key from a PEM file, or with `env:NAME` from an environment variable.

    A key that is encrypted is decrypted with the passphrase in `ASSAY_KEY_PASSPHRASE`. Raises `KeyUnusable`.
    """
    pem = _pem(source)
    passphrase = os.environ.get(PASSPHRASE)
    try:
        private = serialization.load_pem_private_key(pem, passphrase.encode() if passphrase and b"ENCRYPTED" in pem else None)
    except TypeError:
        raise KeyUnusable(source, expected=f"the passphrase of an encrypted key in {PASSPHRASE}", actual="none") from None
    except (ValueError, UnsupportedAlgorithm):
        raise KeyUnusable(
            source, expected="an ed25519 private key in PEM form", actual="something else, or a wrong passphrase",
            next_step="make one with `assay keys new --out FILE`",
        ) from None  # fmt: skip
    if not isinstance(private, Ed25519PrivateKey):
        raise KeyUnusable(source, expected="an ed25519 private key", actual="a key of another algorithm")
    return _signing_key(private)


def read_key_id(source: str) -> KeyId:
    """The id of a public key: given as an id itself, or read from a PEM file or, with `env:NAME`, from an environment variable.

    A private key gives the id of its public key. Raises `KeyUnusable`.
    """
    if source.startswith(PREFIX):
        return _checked(source)
    pem = _pem(source)
    if b"PRIVATE KEY" in pem:
        return read_signing_key(source).id
    try:
        public = serialization.load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        raise KeyUnusable(source, expected="a key id, or an ed25519 public key in PEM form", actual="something else") from None
    if not isinstance(public, Ed25519PublicKey):
        raise KeyUnusable(source, expected="an ed25519 public key", actual="a key of another algorithm")
    return _id(public)


def holds(id: KeyId, signature: bytes, data: bytes) -> bool:
    """Whether the owner of a key made this signature of these bytes. An id that names no key holds nothing."""
    try:
        Ed25519PublicKey.from_public_bytes(_raw(id)).verify(signature, data)
    except (InvalidSignature, ValueError):
        return False
    return True


def _signing_key(private: Ed25519PrivateKey) -> SigningKey:
    return SigningKey(_id(private.public_key()), private)


def _id(public: Ed25519PublicKey) -> KeyId:
    raw = public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return KeyId(PREFIX + base64.urlsafe_b64encode(raw).rstrip(b"=").decode())


def _checked(source: str) -> KeyId:
    try:
        _raw(KeyId(source))
    except ValueError:
        raise KeyUnusable(
            f"the key id {source!r}", expected=f"{PREFIX} and 43 characters of base64url", next_step="`assay keys show FILE` prints the id"
        ) from None
    return KeyId(source)


def _raw(id: KeyId) -> bytes:
    """The 32 bytes of a public key; `ValueError` for an id that is not in its one form."""
    text = id.removeprefix(PREFIX)
    try:
        raw = base64.b64decode(f"{text}=", altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from None
    if not id.startswith(PREFIX) or len(raw) != 32 or base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != text:
        raise ValueError("not a key id")
    return raw


def _pem(source: str) -> bytes:
    if source.startswith(FROM_ENVIRONMENT):
        name = source.removeprefix(FROM_ENVIRONMENT)
        value = os.environ.get(name)
        if not value:
            raise KeyUnusable(f"the environment variable {name}", expected="a key in PEM form", actual="nothing")
        return value.replace("\\n", "\n").encode()  # as many systems hand a file of several lines through a variable
    try:
        return Path(source).read_bytes()
    except OSError as error:
        raise KeyUnusable(
            source, expected="a PEM file, or env:NAME for an environment variable", actual=error.strerror or str(error)
        ) from None
