"""The law of strangers: of each shape of contract an honest server can be certified, and no dishonest one."""

from __future__ import annotations

import asyncio
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from assay_conformance.certifying import Certification, certify
from assay_conformance.corpus import Corpus
from assay_conformance.corpus.growing import grow_corpus
from assay_conformance.target_manifest import parse_target
from assay_conformance.target_needs import missing_credentials, missing_values, needs_of
from assay_conformance.verdicts import Verdict
from assay_contracts import Contract, load_contract

from .jobs import Printer
from .parcels import Parcels
from .server import Stranger, serving
from .weather import Weather

SHAPES: dict[str, dict[str, Any]] = {
    item["shape"]: item for item in yaml.safe_load_all(Path(__file__).with_name("shapes.yaml").read_text("utf-8")) if item
}
FEW = {"positive": 4, "negative": 6}
EVERY = ("says-yes-to-everything", "answers-html", "lets-nobody-in")
OWN: dict[str, tuple[str, ...]] = {
    "one-operation": ("breaks-its-schema", "declares-another-status"),
    "parameters-of-every-type": ("accepts-anything", "breaks-on-wrong-requests", "breaks-its-schema"),
    "resources-with-a-bearer-token": (
        "lets-anybody-in",
        "takes-any-token",
        "accepts-anything",
        "breaks-its-schema",
        "knows-every-name",
        "deletes-nothing",
        "forgets-changes",
        "keeps-no-creation",
        "creates-another",
    ),
    "openapi-3-0-with-an-api-key": ("lets-anybody-in", "takes-any-token", "compares-beginnings", "accepts-anything", "breaks-its-schema"),
    "basic-authentication": ("lets-anybody-in", "takes-any-token", "breaks-its-schema"),
    "an-api-key-in-the-query": ("lets-anybody-in", "accepts-anything"),
    "no-content-alone": (),
    "a-body-and-nothing-to-read": ("accepts-anything", "breaks-on-wrong-requests", "breaks-its-schema"),
    "a-form": ("accepts-anything", "breaks-its-schema"),
    "envelopes-of-fastapi": ("accepts-anything", "breaks-on-wrong-requests", "breaks-its-schema"),
    "a-taxonomy-without-codes-in-bodies": ("accepts-anything", "lets-anybody-in"),
    "a-taxonomy-with-codes-alone": ("accepts-anything", "answers-another-code"),
    "pages-without-tenants": ("repeats-an-item", "sorts-the-other-way", "accepts-anything"),
    "resources-in-resources": ("accepts-anything", "breaks-its-schema", "knows-every-name", "deletes-nothing"),
    "things-to-read-alone": ("breaks-its-schema", "knows-every-name"),
    "scopes": ("lets-anybody-in", "takes-any-token", "forgets-scopes"),
    "things-that-are-changed": (
        *("forgets-changes", "loses-what-is-not-sent", "forgets-notes", "keeps-no-creation", "creates-another", "breaks-its-schema"),
    ),
    "a-stated-name": ("declares-another-status",),
    "a-time-of-generation": ("is-an-hour-ahead", "is-a-day-old", "stands-still"),
    "pages-by-offset-with-a-total": (
        *("skips-one-between-pages", "repeats-one-between-pages", "filters-in-any-way", "filters-a-page-after-it-is-cut"),
        *("sorts-unstably", "total-ignores-the-filter", "total-is-that-of-the-page", "total-stands", "tag-of-its-kind"),
        "tag-stands-after-a-change",
    ),
    "a-feed-without-annotations": ("breaks-its-schema",),
    "a-feed-with-a-credential": ("lets-anybody-in", "breaks-its-schema"),
    "jobs-under-keys": (
        *("runs-every-replay", "forgets-bodies", "compares-bytes", "counts-every-replay", "burns-keys", "keys-are-everybodys"),
        *("takes-readings-twice", "miscounts", "never-ends", "stays-at-99", "counts-down", "dries-before-ink"),
        *("names-no-pages", "has-no-pages", "says-no-why", "stops-nothing", "stops-once", "says-nowhere-to-read"),
        *("jobs-are-everybodys", "tells-foreign-jobs", "lets-anybody-in"),
    ),
}
UNCLAIMED = [
    ("pages-by-offset-with-a-total", "lists-what-was-dropped"),
    ("pages-by-offset-with-a-total", "forgets-what-is-new-in-lists"),
    ("pages-by-offset-with-a-total", "ignores-null"),
    ("pages-by-offset-with-a-total", "changes-its-neighbour"),
    ("pages-by-offset-with-a-total", "creates-twice"),
    ("pages-by-offset-with-a-total", "tells-the-location-of-another"),
]
"""Wrong ways that no clause speaks of yet, so that such a server is certified; a comparison with others counts them."""
HONEST = [
    ("a-time-of-generation", "runs-an-hour-ahead"),
    ("a-time-of-generation", "keeps-a-list"),
    ("pages-by-offset-with-a-total", "gives-absolute-locations"),
    ("pages-by-offset-with-a-total", "leaves-null-out"),
    ("pages-by-offset-with-a-total", "says-more-than-declared"),
    ("pages-by-offset-with-a-total", "gives-weak-tags"),
]
"""Other ways to serve a shape that its contract allows."""
SERVERS: dict[str, type[Stranger]] = {
    "a-time-of-generation": Weather,
    "jobs-under-keys": Printer,
    "pages-by-offset-with-a-total": Parcels,
}
FEEDS = ("a-feed-without-annotations", "a-feed-with-a-credential")
# A pipeline tries one dishonest server of each shape, another way of being wrong from shape to shape; `tox -e strangers` tries all.
ALL_WRONG = [(shape, wrong) for shape, own in OWN.items() for wrong in (*own, *(() if shape in FEEDS else EVERY))]


@cache
def loaded(shape: str) -> tuple[Contract, Corpus | None]:
    """The contract of a shape, with the few requests that are grown from it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "contract.yaml"
        path.write_text(yaml.safe_dump(SHAPES[shape]["contract"], sort_keys=False), "utf-8")
        contract = load_contract(path)
    return contract, grow_corpus(contract, examples=FEW) if contract.operations else None


async def run(shape: str, wrong: str = "") -> Certification:
    """Certify one server of a shape."""
    contract, corpus = loaded(shape)
    manifest = SHAPES[shape].get("manifest", {})
    values = manifest.get("fixtures", {}).get("parameters", {})
    stranger = SERVERS.get(shape, Stranger)(SHAPES[shape]["contract"], manifest.get("credentials", {}), values, wrong)
    async with serving(stranger) as address:
        target = parse_target(manifest, "manifest", http=address, needs=needs_of(contract))
        assert [*missing_values(contract, target), *missing_credentials(contract, target)] == []
        return await certify(contract, target, corpus=corpus)


@pytest.mark.slow
@pytest.mark.parametrize("shape", SHAPES)
def test_an_honest_server_can_be_certified(shape: str) -> None:
    """Every promise that the contract makes can be shown, and is."""
    expect_certified(shape)


@pytest.mark.slow
@pytest.mark.parametrize(("shape", "way"), HONEST)
def test_another_honest_server_can_be_certified(shape: str, way: str) -> None:
    """What a contract leaves open stays open."""
    expect_certified(shape, way)


def expect_certified(shape: str, way: str = "") -> None:
    """One server of a shape is certified, without a single finding."""
    result = asyncio.run(run(shape, way))

    left = [
        (row.clause, row.subject, row.verdict.value, row.about, row.expected, row.actual)
        for row in result.outcome.rows
        if row.verdict is not Verdict.PASS and row.level == "MUST"
    ]
    assert (left, result.outcome.certified, result.reason) == ([], True, None)


def sampled() -> set[tuple[str, str]]:
    """One dishonest server of each shape."""
    ways = {shape: [wrong for served, wrong in ALL_WRONG if served == shape] for shape in OWN}
    return {(shape, found[number % len(found)]) for number, (shape, found) in enumerate(ways.items())}


SAMPLED = sampled()
WRONG = [pytest.param(*pair, marks=() if pair in SAMPLED else pytest.mark.exhaustive) for pair in ALL_WRONG]


@pytest.mark.slow
@pytest.mark.parametrize(("shape", "wrong"), WRONG)
def test_a_dishonest_server_cannot_be_certified(shape: str, wrong: str) -> None:
    """One wrong way of answering is enough."""
    result = asyncio.run(run(shape, wrong))

    assert not result.outcome.certified or result.reason is not None
    assert [row for row in result.outcome.rows if row.verdict is Verdict.ERROR] == []


def test_every_shape_has_dishonest_servers() -> None:
    """A shape that is added is tried from both sides."""
    assert list(OWN) == list(SHAPES)
