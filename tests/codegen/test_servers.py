"""Servers of a document: where its client calls."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from assay_codegen.contract_view import view_contract
from assay_codegen.views import ServerView

from tests.codegen.conftest import Document, Load


def test_servers_keep_their_variables(document: Document, load: Load) -> None:
    """With defaults and choices."""
    variables = {"region": {"default": "eu", "enum": ["eu", "us"]}, "port": {"default": 443}}
    document["servers"] = [{"url": "https://{region}.example.com:{port}", "variables": variables}, {"url": "/local"}]

    assert view_contract(load(document))[0].servers == (
        ServerView("https://{region}.example.com:{port}", (("region", "eu", ("eu", "us")), ("port", "443", ()))),
        ServerView("/local"),
    )


@pytest.mark.parametrize(
    ("common", "own", "expected"),
    [
        ("https://api.example.com/v1", "https://files.example.com", "https://files.example.com"),
        ("https://api.example.com/v1", "https://api.example.com/v2", "/v2"),
        ("https://api.example.com/v1", "https://api.example.com", "/"),
        ("https://api.example.com/v1", "/v2", "/v2"),
        ("/v1", "https://api.example.com/v2", "https://api.example.com/v2"),
    ],
)
@pytest.mark.parametrize("place", ["path", "operation"])
def test_a_server_of_an_operation_or_path_goes_before_the_common_one(
    document: Document, load: Load, common: str, own: str, expected: str, place: str
) -> None:
    """On the same host it is a path, which goes along to a host for tests."""
    document["servers"] = [{"url": common}]
    path = document["paths"]["/things/{thingId}"]
    (path if place == "path" else path["get"])["servers"] = [{"url": own}]

    (operation,) = view_contract(load(document))[0].operations

    assert operation.server == ServerView(expected)


def test_a_document_of_channels_alone_names_its_servers_too(document: Document, load: Load) -> None:
    """The handshake is HTTP on the same host; a broker is no server of a client."""
    hosts: dict[str, Any] = {
        "broker": {"host": "broker:9092", "protocol": "kafka"},
        "live": {"host": "live:1", "protocol": "wss", "pathname": "/v1"},
    }
    contract = replace(load(document), asyncapi={"servers": hosts})

    assert view_contract(contract)[0].servers == (ServerView("https://live:1/v1"),)
