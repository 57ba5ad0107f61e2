"""The file of API keys: what a line may be."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from assay_server.http.api_keys import ApiKeys
from assay_server.http.auth import BadToken

KEY = "key-of-ann-0000001"
DIGEST = hashlib.sha256(KEY.encode()).hexdigest()


@pytest.mark.parametrize("expiry", ["", "2999-01-01T00:00:00Z", "2999-01-01T01:00:00+01:00"])
def test_a_key_is_that_of_its_subject(tmp_path: Path, expiry: str) -> None:
    """With the scopes of its line and no tenants; comments and blank lines say nothing."""
    path = tmp_path / "keys"
    path.write_text(f"# keys\n\nann {DIGEST} analytics:read,events:write {expiry}\n")
    grant = ApiKeys(path).read([KEY])

    assert (grant.subject, sorted(grant.scopes), list(grant.tenants)) == ("ann", ["analytics:read", "events:write"], [])
    for values in ([], [KEY, KEY], ["key-of-bob-0000001"]):
        with pytest.raises(BadToken):
            ApiKeys(path).read(values)


@pytest.mark.parametrize(
    "line",
    [
        f"ann {DIGEST}",
        "ann key-of-ann-0000001 analytics:read",
        f"ann {DIGEST} analytics:read soon",
        f"ann {DIGEST} analytics:read 2999-01-01T00:00:00",
        f"bob {DIGEST} analytics:read\nann {DIGEST} analytics:read",
    ],
)
def test_a_line_that_is_wrong_is_named(tmp_path: Path, line: str) -> None:
    """A time without its zone would be another one on another machine, and a key of two subjects would mix them."""
    path = tmp_path / "keys"
    path.write_text(line)

    with pytest.raises(ValueError, match=f"{path}:{line.count(chr(10)) + 1}: "):
        ApiKeys(path)
