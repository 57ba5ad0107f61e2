"""A target manifest is read once at the border, and every mistake in it gets one clear sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from assay_conformance.errors import TargetError
from assay_conformance.target import parse_target, read_target

GOOD: dict[str, Any] = {
    "target": {"name": "mine", "http": "http://127.0.0.1:8000/"},
    "credentials": {"primary": "token-p", "other": "token-o", "empty": "token-e"},
    "tenants": {"primary": "tenant-a", "other": "tenant-b", "empty": "tenant-c"},
    "fixtures": {"window": {"from": "2026-11-01T00:00:00Z", "to": "2026-11-03T00:00:00Z"}},
    "hook": {"url": "http://127.0.0.1:8000/hook", "token": "operator"},
}


def with_change(path: str, value: Any) -> dict[str, Any]:
    """The good manifest with one entry changed; `...` takes it out."""
    data = {name: dict(part) for name, part in GOOD.items()}
    section, _, entry = path.partition(".")
    if not entry:
        if value is ...:
            del data[section]
        else:
            data[section] = value
    elif value is ...:
        del data[section][entry]
    else:
        data[section][entry] = value
    return data


def test_a_good_manifest_is_read() -> None:
    """Addresses lose their trailing slash, and the feed's address follows from that of HTTP."""
    target = parse_target(GOOD, "target.toml")

    assert (target.http, target.ws) == ("http://127.0.0.1:8000", "ws://127.0.0.1:8000")


@pytest.mark.parametrize(
    ("http", "ws"),
    [
        (None, "ws://127.0.0.1:9000/live"),
        ("http://127.0.0.1:8000", "ws://127.0.0.1:9000/live"),
        ("http://127.0.0.1:7000/base/", "ws://127.0.0.1:7000/base"),
    ],
)
def test_the_address_of_the_feed_stays_with_that_of_the_manifest(http: str | None, ws: str) -> None:
    """A feed of another port is found there, unless the address that was asked for is another server than the manifest's."""
    target = parse_target(with_change("target.ws", "ws://127.0.0.1:9000/live"), "target.toml", http=http)

    assert target.ws == ws


def test_a_token_never_shows_itself() -> None:
    """Neither the repr of a target nor its description holds a token."""
    target = parse_target(GOOD, "target.toml")

    shown = repr(target) + str(target.described()) + str(target.credentials["primary"]) + repr(target.hook)

    assert not any(token in shown for token in ("token-p", "token-o", "token-e", "operator"))


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        ("target", ..., "section [target] is missing"),
        ("target", 7, "target is no table"),
        ("target.http", ..., "target.http is missing"),
        ("target.http", 8000, "target.http is no text"),
        ("target.http", "127.0.0.1:8000", "expected such as http://"),
        ("target.http", "ftp://127.0.0.1", "expected such as http://"),
        ("target.http", "http://user:secret@127.0.0.1", "without query and credentials"),
        ("target.http", "http://127.0.0.1:99999", "target.http"),
        ("target.http", "http://[::1", "target.http"),
        ("target.ws", "http://127.0.0.1:1", "expected such as ws://"),
        ("credentials", ..., "section [credentials] is missing"),
        ("credentials.primary", ..., "credentials.primary is missing"),
        ("credentials.other", "", "credentials.other is missing or no text"),
        ("credentials.empty", 5, "credentials.empty is missing or no text"),
        ("credentials.primary", "two words", "is no token"),
        ("credentials.primary", "tök", "is no token"),
        ("credentials.primary", "env:ASSAY_NO_SUCH_VARIABLE", "which is not set"),
        ("credentials.primary", "file:no-such-file", "which cannot be read"),
        ("credentials.owner", "token", "unknown entry credentials.owner"),
        ("tenants", ..., "section [tenants] is missing"),
        ("tenants.empty", ..., "tenants.empty is missing"),
        ("tenants.other", "tenant-a", "names one tenant twice"),
        ("fixtures.window", "today", "expected { from"),
        ("fixtures.window", {"from": "2026-11-01T00:00:00Z"}, "expected { from"),
        ("fixtures.window", {"from": "yesterday", "to": "2026-11-03T00:00:00Z"}, "expected a time in UTC"),
        ("fixtures.window", {"from": "2026-11-01T00:00:00", "to": "2026-11-03T00:00:00Z"}, "expected a time in UTC"),
        ("fixtures.window", {"from": "2026-11-03T00:00:00Z", "to": "2026-11-01T00:00:00Z"}, "expected from before to"),
        ("fixtures.window", {"from": "2026-11-01T00:00:00Z", "to": "2026-11-01T00:00:00Z"}, "expected from before to"),
        ("hook.url", "/hook", "hook.url"),
        ("hook.token", ..., "hook.token is missing"),
        ("waivers", {"faults": ""}, "waivers.faults"),
        ("waivers", {"pagination": "because"}, "waivers.pagination"),
        ("extras", {}, "unknown section [extras]"),
    ],
)
def test_a_mistake_gets_one_clear_sentence(path: str, value: Any, says: str) -> None:
    """The message names the entry and what was expected, on one line, without a token."""
    with pytest.raises(TargetError) as caught:
        parse_target(with_change(path, value), "target.toml")

    message = str(caught.value)
    assert (says in message, "\n" in message, "secret" in message.replace("http://user:secret@", "")) == (True, False, False)


@pytest.mark.parametrize("content", [b"\xff\xfe", b"[target", b"= 3"])
def test_a_file_that_is_no_toml_is_refused(tmp_path: Path, content: bytes) -> None:
    """The message names the file."""
    path = tmp_path / "target.toml"
    path.write_bytes(content)

    with pytest.raises(TargetError, match=r"target\.toml"):
        read_target(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    """The message says where an example stands."""
    with pytest.raises(TargetError, match="assay certify --help"):
        read_target(tmp_path / "none.toml")
