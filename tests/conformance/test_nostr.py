"""Events that the kit signs: whoever verifies them by the standards finds them right."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import orjson
import pytest
from assay_conformance.nostr import is_private_key, sign_event, signed_body
from assay_conformance.target import NostrSigner, Secret

KEY = "b7e151628aed2a6abf7158809cf4f3c762e7160f38b4da56a784d9045190cfef"
EVENT: dict[str, Any] = {"created_at": 1_793_491_200, "kind": 1, "tags": [["t", "ü"]], "content": 'a "quote"\n\u2028', "id": "", "sig": ""}
SIGNER = NostrSigner(Secret(KEY), {"ingest": "/events/*"})


def verified(event: dict[str, Any]) -> bool:
    """Whether the id is the hash (NIP-01) and the signature over it is right (BIP-340)."""
    coincurve = pytest.importorskip("coincurve")
    parts = [0, event["pubkey"], event["created_at"], event["kind"], event["tags"], event["content"]]
    id = hashlib.sha256(json.dumps(parts, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()
    key = coincurve.PublicKeyXOnly(bytes.fromhex(event["pubkey"]))
    return id == event["id"] and bool(key.verify(bytes.fromhex(event["sig"]), bytes.fromhex(id)))


def test_the_events_of_the_worked_examples_are_signed() -> None:
    """Our reading of the standards is that of whoever signed them."""
    raw = (Path(__file__).parents[1] / "golden" / "windowing-events.json").read_text(encoding="utf-8")

    assert all(verified(event) for event in json.loads(raw)["events"].values())


def test_a_signed_event_is_verified() -> None:
    """Key, id and signature are made anew; the public key is that of the test vectors of BIP-340."""
    pytest.importorskip("coincurve")
    event = {**EVENT, **sign_event(EVENT, KEY)}

    assert event["pubkey"] == "dff1d77f2a671c5f36183726db2341be58feae1da2deced843240f7b502ba659"
    assert verified(event)
    assert not verified({**event, "content": "another"})


def test_the_events_of_a_request_are_signed_where_the_signer_knows_of_them() -> None:
    """What is no event, and every other body, stays as it is."""
    pytest.importorskip("coincurve")
    body = orjson.dumps({"events": [EVENT, {"kind": 1}, 7], "more": [EVENT]}).decode()

    signed = orjson.loads(signed_body(body, "ingest", SIGNER))

    assert verified(signed["events"][0])
    assert (signed["events"][1:], signed["more"]) == ([{"kind": 1}, 7], [EVENT])
    assert signed_body(body, "another", SIGNER) == body
    assert signed_body("no JSON", "ingest", SIGNER) == "no JSON"


@pytest.mark.parametrize(("key", "expected"), [("0" * 64, False), ("f" * 64, False), (KEY, True), ("0" * 63 + "1", True)])
def test_a_private_key_is_a_number_of_the_curve(key: str, expected: bool) -> None:
    """Neither 0 nor beyond the number of its points."""
    assert is_private_key(key) is expected
