"""Public keys of an issuer that rotate."""

from __future__ import annotations

import asyncio
import json
import time
from http.client import BadStatusLine
from typing import Any

import jwt
import pytest
import structlog
from assay_server.http.auth import BadToken, Verifier
from assay_server.http.key_sets import KeySet, fetch_from, key_id, parse_keys
from assay_server.settings import TokenTerms
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from jwt.algorithms import ECAlgorithm


class Issuer:
    """Publishes the public halves of its keys, and counts who reads them."""

    def __init__(self) -> None:
        self.keys: dict[str, EllipticCurvePrivateKey] = {}
        self.reads = 0
        self.down = False

    def rotate(self, name: str) -> None:
        """Have one new key and no other."""
        self.keys = {name: generate_private_key(SECP256R1())}

    def fetch(self) -> bytes:
        """The published set."""
        self.reads += 1
        if self.down:
            raise OSError("down")
        time.sleep(0.02)
        entries = [{**json.loads(ECAlgorithm.to_jwk(key.public_key())), "kid": name} for name, key in self.keys.items()]
        return json.dumps({"keys": entries}).encode()

    def sign(self, name: str, **claims: Any) -> str:
        """A token of a key."""
        terms = TokenTerms("ES256")
        plain = {"iss": terms.issuer, "aud": terms.audience, "exp": time.time() + 60, "tenants": ["tenant-a"], "sub": "ann"}
        return jwt.encode({**plain, **claims}, self.keys[name], algorithm="ES256", headers={"kid": name})


@pytest.fixture
def issuer() -> Issuer:
    """An issuer with one key."""
    found = Issuer()
    found.rotate("one")
    return found


async def test_many_tokens_read_the_keys_once(issuer: Issuer) -> None:
    """The first of a crowd reads, the others wait for it."""
    keys, token = KeySet(issuer.fetch, "ES256"), issuer.sign("one")

    await asyncio.gather(*(keys.prepare(token) for _ in range(50)))

    assert issuer.reads == 1
    assert keys.key(token) is not None


async def test_an_unknown_key_is_looked_for_once_in_a_while(issuer: Issuer) -> None:
    """A flood of made-up ids is no flood of requests; a key that is new is found after the floor, a withdrawn one is gone."""
    now = 100.0
    keys, old = KeySet(issuer.fetch, "ES256", lambda: now), issuer.sign("one")
    await keys.prepare(old)
    issuer.rotate("two")
    new = issuer.sign("two")
    for _ in range(20):
        await keys.prepare(new)
    assert (issuer.reads, keys.key(new)) == (1, None)

    now += 11.0
    await keys.prepare(new)
    assert issuer.reads == 2
    assert keys.key(new) is not None
    assert keys.key(old) is None


async def test_an_issuer_that_is_down_locks_nobody_out(issuer: Issuer) -> None:
    """Known keys stay when they are old and cannot be read again."""
    now = 100.0
    keys, token = KeySet(issuer.fetch, "ES256", lambda: now), issuer.sign("one")
    await keys.prepare(token)
    issuer.down = True
    now += 1000.0
    await keys.prepare(token)

    assert issuer.reads == 2
    assert keys.key(token) is not None


@pytest.mark.parametrize("error", [OSError("down"), BadStatusLine("nonsense"), ValueError("no keys")])
async def test_keys_that_cannot_be_read_are_reported(error: Exception) -> None:
    """No request fails by it, and the log names the reason: a wrong address would lock everybody out in silence."""

    def fail() -> bytes:
        raise error

    # A log of its own: what another test configures for the process may leave warnings out.
    capture = structlog.testing.LogCapture()
    log = structlog.wrap_logger(None, [capture], structlog.make_filtering_bound_logger(0))

    await KeySet(fail, "ES256", log=log).prepare("a.b.c")

    assert [(line["event"], line["error"], line["detail"]) for line in capture.entries] == [("key set", type(error).__name__, str(error))]


async def test_another_key_under_the_same_name_is_a_change(issuer: Issuer) -> None:
    """A key set may give no ids, or give one again."""
    now = 100.0
    keys, token = KeySet(issuer.fetch, "ES256", lambda: now), issuer.sign("one")
    await keys.prepare(token)
    versions = [keys.version]
    for rotated in (False, True):
        now += 1000.0
        if rotated:
            issuer.rotate("one")
        await keys.prepare(token)
        versions.append(keys.version)

    assert versions == [1, 1, 2]


async def test_a_token_that_was_believed_is_not_any_more_once_its_key_is_withdrawn(
    issuer: Issuer, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Grants that are remembered go with the key."""
    monkeypatch.setattr("assay_server.http.key_sets._OLD_SECONDS", 0.0)
    monkeypatch.setattr("assay_server.http.key_sets._FLOOR_SECONDS", 0.0)
    published = tmp_path / "keys.json"
    published.write_bytes(issuer.fetch())
    verifier, header = Verifier(TokenTerms("ES256", key_set=published.as_uri())), [f"Bearer {issuer.sign('one')}"]
    await verifier.prepare(header)
    assert verifier.read(header).covers("tenant-a")

    issuer.rotate("two")
    published.write_bytes(issuer.fetch())
    await verifier.prepare(header)
    with pytest.raises(BadToken, match="not known"):
        verifier.read(header)


async def test_a_shared_secret_is_no_public_key(issuer: Issuer) -> None:
    """A token that is signed with a published key as if it were a secret is not believed, nor is one without a signature."""
    entry = json.loads(issuer.fetch())["keys"][0]
    verifier = Verifier(TokenTerms("ES256", key_set="file:///dev/null"))
    confused = jwt.encode({"tenants": ["*"]}, entry["x"] * 2, algorithm="HS256", headers={"kid": "one"})
    bare = jwt.encode({"tenants": ["*"]}, "", algorithm="none", headers={"kid": "one"})
    for token in (confused, bare, "a.b.c", ""):
        await verifier.prepare([f"Bearer {token}"])
        with pytest.raises(BadToken):
            verifier.read([f"Bearer {token}"])


@pytest.mark.parametrize("text", [b"", b"[]", b"{}", b'{"keys": 1}', b'{"keys": [1]}'])
def test_what_is_no_key_set_is_not_read(text: bytes) -> None:
    """The keys that are known stay."""
    with pytest.raises(ValueError, match=r".+"):
        parse_keys(text, "ES256")


def test_keys_of_other_kinds_are_left_out() -> None:
    """Secrets, keys for encryption and broken ones say nothing about signatures."""
    entries = [{"kty": "oct", "k": "c2VjcmV0", "kid": "a"}, {"kty": "EC", "use": "enc", "kid": "b"}, {"kty": "EC", "kid": "c"}]

    assert parse_keys(json.dumps({"keys": entries}).encode(), "ES256") == {}
    assert key_id("no token") is None


def test_an_address_of_another_kind_is_refused() -> None:
    """A key set is read over HTTP, or from a file for trying things out."""
    with pytest.raises(ValueError, match="expected the address of a JWK set"):
        fetch_from("ftp://issuer/keys")
