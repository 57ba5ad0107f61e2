"""A target manifest is read once at the border, and every mistake in it gets one clear sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from assay_conformance.errors import TargetError
from assay_conformance.target_manifest import parse_target, read_target

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

    text = repr(target) + str(target.described()) + str(target.credentials["primary"]) + repr(target.hook)

    assert not any(token in text for token in ("token-p", "token-o", "token-e", "operator"))


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        ("target", ..., "[target] is missing; expected a table with name, version, http, ws"),
        ("target", 7, "[target] must be a table, got an integer"),
        ("target.http", ..., "[target] http is missing; expected an address such as http://127.0.0.1:8000"),
        ("target.http", 8000, "[target] http must be an address such as http://127.0.0.1:8000, got an integer"),
        ("target.http", "127.0.0.1:8000", "expected an address such as http://"),
        ("target.http", "ftp://127.0.0.1", "expected an address such as http://"),
        ("target.http", "http://user:secret@127.0.0.1", "without query and credentials"),
        ("target.http", "http://127.0.0.1:99999", "[target] http is"),
        ("target.http", "http://[::1", "[target] http is"),
        ("target.ws", "http://127.0.0.1:1", "expected an address such as ws://"),
        ("target.ws", 9000, "[target] ws must be an address"),
        ("target.name", 7, "[target] name must be a string, got an integer"),
        ("target.version", 2.4, "[target] version must be a string, got a float"),
        ("target.htpp", "http://127.0.0.1", "[target] htpp is unknown; did you mean http?"),
        ("credentials", ..., "[credentials] is missing"),
        ("credentials.primary", ..., "[credentials] primary is missing; expected a token that covers [tenants] primary alone"),
        ("credentials.other", "", "[credentials] other is empty"),
        ("credentials.empty", 5, "[credentials] empty must be a token that covers [tenants] empty alone, got an integer"),
        ("credentials.expired", ["token"], "[credentials] expired must be a token, env:NAME or file:PATH, got an array"),
        ("credentials.primary", "two words", "[credentials] primary is no token"),
        ("credentials.primary", "tök", "[credentials] primary is no token"),
        ("credentials.primary", "env:ASSAY_NO_SUCH_VARIABLE", "environment variable ASSAY_NO_SUCH_VARIABLE, which is not set"),
        ("credentials.primary", "file:no-such-file", "the file no-such-file, which cannot be read"),
        ("credentials.owner", "token", "[credentials] owner is unknown"),
        ("tenants", ..., "[tenants] is missing"),
        ("tenants.empty", ..., "[tenants] empty is missing; expected the name of a tenant"),
        ("tenants.other", "tenant-a", "[tenants] other is 'tenant-a', like [tenants] primary; expected three different tenants"),
        ("tenants.fourth", "tenant-d", "[tenants] fourth is unknown"),
        ("fixtures.window", "today", "[fixtures] window must be a table"),
        ("fixtures.window", {"from": "2026-11-01T00:00:00Z"}, "[fixtures] window.to is missing"),
        ("fixtures.window", {"from": "yesterday", "to": "2026-11-03T00:00:00Z"}, "[fixtures] window.from is 'yesterday'; expected a time"),
        ("fixtures.window", {"from": "2026-11-01T00:00:00", "to": "2026-11-03T00:00:00Z"}, "expected a time in UTC"),
        ("fixtures.window", {"from": "2026-11-03T00:00:00Z", "to": "2026-11-01T00:00:00Z"}, "expected from before to"),
        ("fixtures.window", {"from": "2026-11-01T00:00:00Z", "to": "2026-11-01T00:00:00Z"}, "expected from before to"),
        (
            "fixtures.window",
            {"from": "2026-11-01T00:00:00Z", "to": "2026-11-03T00:00:00Z", "until": 1},
            "[fixtures] window.until is unknown",
        ),
        ("fixtures.parameters", "id", "[fixtures] parameters must be a table"),
        ("fixtures.parameters", {"id": [1]}, "[fixtures] parameters.id must be a string, a number or a boolean, got an array"),
        ("fixtures.windows", {}, "[fixtures] windows is unknown; did you mean window?"),
        ("hook.url", "/hook", "[hook] url is '/hook'"),
        ("hook.token", ..., "[hook] token is missing"),
        ("hook.tokn", "operator", "[hook] tokn is unknown; did you mean token?"),
        ("waivers", {"faults": ""}, "[waivers] faults is empty"),
        ("waivers", {"faults": True}, "[waivers] faults must be the reason why faults are left out, as a string, got a boolean"),
        ("waivers", {"pagination": "because"}, "[waivers] pagination is unknown"),
        ("extras", {}, "unknown table [extras]"),
    ],
)
def test_a_mistake_gets_one_clear_sentence(path: str, value: Any, says: str) -> None:
    """The message names the entry and what was expected, on one line, without a token."""
    with pytest.raises(TargetError) as caught:
        parse_target(with_change(path, value), "target.toml")

    message = str(caught.value)
    assert (says in message, "\n" in message, "secret" in message) == (True, False, False)


def test_all_mistakes_are_reported_in_one_go() -> None:
    """One run of the command is enough to correct a manifest: each entry is named with its place, in the order of the tables."""
    wrong: dict[str, Any] = {
        "target": {"nme": "mine", "http": "127.0.0.1"},
        "credentials": {"primary": "env:ASSAY_NO_SUCH_VARIABLE", "other": 7, "empty": "token-e"},
        "tenants": {"primary": "tenant-a", "other": "tenant-a", "empty": 3},
        "fixtures": {"window": {"from": "2026-11-03T00:00:00Z", "to": "2026-11-01T00:00:00Z"}},
        "hook": {"url": "http://127.0.0.1/hook"},
    }

    with pytest.raises(TargetError) as caught:
        parse_target(wrong, "target.toml")

    assert (str(caught.value), [line.split(";")[0].split(",")[0] for line in caught.value.details]) == (
        "target.toml: 8 entries are wrong",
        [
            "[target] nme is unknown",
            "[target] http is '127.0.0.1'",
            "[credentials] primary names the environment variable ASSAY_NO_SUCH_VARIABLE",
            "[credentials] other must be a token that covers [tenants] other alone",
            "[tenants] empty must be the name of a tenant",
            "[tenants] other is 'tenant-a'",
            "[fixtures] window ends at 2026-11-01T00:00:00Z",
            "[hook] token is missing",
        ],
    )


def test_the_command_prints_one_line_for_each_mistake(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The first line counts them; the places follow."""
    from assay_contracts.cli import run

    path = tmp_path / "target.toml"
    path.write_text('[target]\nhttp = "x"\n[credentials]\nprimary = "p"\nother = "o"\nempty = "e"\n')

    code = run(["certify", "http://127.0.0.1:9", "--contract", "reliability@1.0.0", "--target", str(path), "--out", str(tmp_path)])

    lines = capsys.readouterr().err.splitlines()
    assert (code, [line[:20].rstrip() for line in lines[-2:]]) == (2, ["  [target] http is '", "  [tenants] is missi"])


def test_an_address_that_was_asked_for_is_the_one_that_is_named() -> None:
    """The manifest is not at fault for an address on the command line."""
    with pytest.raises(TargetError, match=r"the address is '127\.0\.0\.1'"):
        parse_target(GOOD, "target.toml", http="127.0.0.1")


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


def test_tokens_by_scope_subprotocols_and_a_signer_are_read() -> None:
    """All three are optional, and none of their secrets shows itself."""
    data = with_change("credentials.scopes", {"events:write": "token-w"})
    data["target"]["subprotocols"] = {"feed": ["feed.v1", "bearer.{base64url}"]}
    data["signer"] = {"nostr": "1" * 64, "at": {"ingest": "/events/*"}}

    target = parse_target(data, "target.toml")

    assert target.by_scope["events:write"].reveal() == "token-w"
    assert target.subprotocols == {"feed": ("feed.v1", "bearer.{base64url}")}
    assert target.signer is not None
    assert target.signer.at == {"ingest": "/events/*"}
    assert "1" * 64 not in repr(target)
    assert "token-w" not in repr(target)
    assert (parse_target(GOOD, "target.toml").by_scope, parse_target(GOOD, "target.toml").signer) == ({}, None)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("credentials.scopes", "token", "[credentials] scopes must be a table from scopes to tokens, got a string"),
        ("credentials.scopes", {"a": 1}, "[credentials] scopes.a must be a string, got an integer"),
        ("target.subprotocols", {"feed": "bearer"}, "[target] subprotocols.feed is no list of subprotocols that carries a token"),
        ("target.subprotocols", {"feed": ["feed.v1"]}, "[target] subprotocols.feed is no list of subprotocols that carries a token"),
        ("signer", {"nostr": "f" * 64, "at": {}}, "[signer] nostr is no private key; expected 64 hexadecimal digits in lower case"),
        ("signer", {"nostr": "1" * 64}, "[signer] at is missing; expected a table from operations to pointers"),
        ("signer", {"nostr": "1" * 64, "at": {"a": "events"}}, "[signer] at.a must be a pointer to events in the request body"),
    ],
)
def test_a_mistake_in_them_is_said_with_its_place(path: str, value: Any, message: str) -> None:
    """The secret itself never enters the message."""
    with pytest.raises(TargetError) as caught:
        parse_target(with_change(path, value), "target.toml")

    assert message in str(caught.value)
    assert "f" * 64 not in str(caught.value)
