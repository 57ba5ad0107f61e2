"""Tokens that the server verifies with a public key."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import Literal

import jwt
import pytest
from assay_server.http.auth import BadToken, Verifier
from assay_server.settings import TokenTerms
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

Algorithm = Literal["RS256", "EdDSA"]
Key = RSAPrivateKey | Ed25519PrivateKey

WITHOUT_CRYPTOGRAPHY = """
import sys
sys.modules["cryptography"] = None
from assay_server.http.auth import Verifier
from assay_server.settings import TokenTerms
try:
    Verifier(TokenTerms(sys.argv[1], b"-----BEGIN PUBLIC KEY-----"))
except ValueError as error:
    print(error)
"""


def new_key(algorithm: Algorithm) -> Key:
    """A private key for the algorithm."""
    return generate_private_key(65537, 2048) if algorithm == "RS256" else Ed25519PrivateKey.generate()


def public_pem(key: Key) -> bytes:
    """The public half of a key, as a server is configured with it."""
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def signed(terms: TokenTerms, key: Key | bytes, algorithm: str) -> str:
    """A token for tenant-a, signed with a key."""
    claims = {"iss": terms.issuer, "aud": terms.audience, "exp": time.time() + 60, "scope": "analytics:read", "tenants": ["tenant-a"]}
    return jwt.encode(claims, key, algorithm=algorithm)


@pytest.mark.parametrize("algorithm", ["RS256", "EdDSA"])
def test_a_public_key_verifies_the_tokens_of_its_private_key_alone(algorithm: Algorithm) -> None:
    """A token of another key and one of another algorithm are rejected."""
    ours, theirs = new_key(algorithm), new_key(algorithm)
    terms = TokenTerms(algorithm, public_pem(ours))
    verifier = Verifier(terms)

    assert verifier.read([f"Bearer {signed(terms, ours, algorithm)}"]).covers("tenant-a")
    for token in (signed(terms, theirs, algorithm), signed(terms, b"0123456789abcdef0123456789abcdef", "HS256")):
        with pytest.raises(BadToken):
            verifier.read([f"Bearer {token}"])


@pytest.mark.parametrize("algorithm", ["RS256", "EdDSA"])
def test_what_is_no_public_key_is_rejected_at_the_start(algorithm: Algorithm) -> None:
    """A key that cannot be read, before any request."""
    with pytest.raises(ValueError, match="give another --token-key"):
        Verifier(TokenTerms(algorithm, b"-----BEGIN PUBLIC KEY-----"))


@pytest.mark.parametrize("algorithm", ["RS256", "EdDSA"])
def test_without_the_package_the_message_names_the_extra(algorithm: Algorithm) -> None:
    """In a process where the package cannot be imported."""
    done = subprocess.run([sys.executable, "-c", WITHOUT_CRYPTOGRAPHY, algorithm], capture_output=True, text=True, check=True)

    assert 'pip install "assay[server,public-keys]"' in done.stdout
