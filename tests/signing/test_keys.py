"""Keys: made for their owner alone, read from files and variables, named by one id, and never shown."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from assay_signing import KeyId, KeyUnusable, new_key, read_key_id, read_signing_key, write_key
from assay_signing.keys import holds
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def test_a_key_is_read_back_from_both_of_its_files(tmp_path: Path) -> None:
    """The public file and the private one name the same key."""
    key = new_key()
    public = write_key(key, tmp_path / "signing.pem")

    assert read_signing_key(str(tmp_path / "signing.pem")).id == key.id
    assert read_key_id(str(public)) == read_key_id(str(tmp_path / "signing.pem")) == read_key_id(key.id) == key.id


def test_a_private_key_is_for_its_owner_alone(tmp_path: Path) -> None:
    """Nobody else may read the file, and no file is overwritten."""
    path = tmp_path / "signing.pem"
    write_key(new_key(), path)
    before = path.read_bytes()

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(KeyUnusable, match="one that exists"):
        write_key(new_key(), path)
    assert path.read_bytes() == before


def test_a_key_is_not_shown() -> None:
    """Its text form has the public half alone."""
    key = new_key()
    private = key.private_pem().decode().splitlines()[1]

    assert key.id in repr(key)
    assert private not in repr(key)
    assert private not in str(key)


@pytest.mark.parametrize("escaped", [False, True])
def test_a_key_is_read_from_a_variable(monkeypatch: pytest.MonkeyPatch, *, escaped: bool) -> None:
    """Also where a system wrote its line ends as two characters."""
    key = new_key()
    text = key.private_pem().decode()
    monkeypatch.setenv("SIGNING", text.replace("\n", "\\n") if escaped else text)

    assert read_signing_key("env:SIGNING").id == key.id


def test_an_encrypted_key_needs_its_passphrase(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It comes from the environment, never from a command line."""
    path = tmp_path / "encrypted.pem"
    path.write_bytes(
        Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"open sesame")
        )
    )

    with pytest.raises(KeyUnusable, match="ASSAY_KEY_PASSPHRASE"):
        read_signing_key(str(path))
    monkeypatch.setenv("ASSAY_KEY_PASSPHRASE", "wrong")
    with pytest.raises(KeyUnusable, match="wrong passphrase"):
        read_signing_key(str(path))
    monkeypatch.setenv("ASSAY_KEY_PASSPHRASE", "open sesame")
    assert read_signing_key(str(path)).id.startswith("ed25519:")


def test_another_algorithm_is_refused(tmp_path: Path) -> None:
    """Only ed25519 signs certificates."""
    other = generate_private_key(SECP256R1())
    path = tmp_path / "other.pem"
    path.write_bytes(other.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    public = tmp_path / "other.pub"
    public.write_bytes(other.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo))

    for read, source in ((read_signing_key, path), (read_key_id, public)):
        with pytest.raises(KeyUnusable, match="another algorithm"):
            read(str(source))


@pytest.mark.parametrize(
    "source",
    ["ed25519:", "ed25519:short", f"ed25519:{'A' * 44}", f"ed25519:{'A' * 42}B", f"ed25519:{'+' * 43}", "env:ASSAY_NO_SUCH", "nowhere.pem"],
)
def test_what_is_no_key_is_refused(source: str) -> None:
    """An id has one form: 43 characters of base64url without spare bits."""
    with pytest.raises(KeyUnusable):
        read_key_id(source)


def test_an_error_never_shows_the_content_of_a_key_file(tmp_path: Path) -> None:
    """The source is named, not what is in it."""
    path = tmp_path / "broken.pem"
    path.write_text("-----BEGIN PRIVATE KEY-----\nsecretsecretsecret\n-----END PRIVATE KEY-----\n")

    with pytest.raises(KeyUnusable) as raised:
        read_signing_key(str(path))
    assert "secretsecret" not in str(raised.value)


def test_a_signature_holds_for_its_bytes_and_its_key() -> None:
    """And for nothing else."""
    key, other = new_key(), new_key()
    signature = key.sign(b"said")

    assert holds(key.id, signature, b"said")
    assert not holds(key.id, signature, b"Said")
    assert not holds(other.id, signature, b"said")
    assert not holds(KeyId("ed25519:nothing"), signature, b"said")
