"""The one Schemathesis door: grows the requests of a corpus, offline and the same every time.

Schemathesis is asked for its coverage phase once and for its fuzzing phase twice, good requests and bad ones apart, with a fixed seed, no
example database and nothing learned from responses: whatever it sends is answered by an application in this process that says 200 to
all. Its own judgement of good and bad is kept as the mode of a case; what the right answer is, the oracle says from the contract.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, cast
from unittest.mock import patch
from urllib.parse import parse_qsl, unquote, urlsplit

import schemathesis
from assay_contracts import Contract, Operation
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants
from schemathesis.engine import events, from_schema

from assay_conformance.corpus.cases import CorpusCase, CorpusRequest
from assay_conformance.corpus.expecting import Oracle
from assay_conformance.corpus.frozen import Corpus, shape_of
from assay_conformance.corpus.pairing import paired
from assay_conformance.corpus.schemas import Undecided
from assay_conformance.corpus.slot_filling import slotted
from assay_conformance.corpus.slots import example_values
from assay_conformance.derivations import moments_of
from assay_conformance.errors import CorpusError, KitError

SEED = 20261101
EXAMPLES = {"positive": 100, "negative": 200}
SMALL = {"positive": 30, "negative": 40}
"""How many requests of an operation are drawn while its contract is certified for the first time."""
MOST = 450
"""The most cases of one operation; what was grown first stays."""

Mode = Literal["positive", "negative"]


@dataclass(frozen=True, slots=True)
class Grown:
    """One request as it was grown."""

    operation: str
    mode: Mode
    origin: str
    request: CorpusRequest


def grow(contract: Contract, seed: int = SEED) -> tuple[CorpusCase, ...]:
    """The cases of a contract version; the same contract and seed give the same cases in every process."""
    return grow_corpus(contract, seed).cases


def grow_corpus(contract: Contract, seed: int = SEED, *, examples: Mapping[str, int] = EXAMPLES) -> Corpus:
    """The corpus of a contract version, with an account of what was left out.

    The same contract and seed give the same cases. `examples` says how many requests are drawn of each operation by mode
    (`positive`, `negative`). Raises `CorpusError` for a contract without operations.
    """
    if not contract.operations:
        raise CorpusError(f"{contract.id}", expected="operations to grow requests for", actual="none")
    grown = [*_pairs(contract), *_coverage(contract, seed), *_fuzzing(contract, seed, examples)]
    dropped: Counter[str] = Counter()
    cases: list[CorpusCase] = []
    for operation in contract.operations:
        oracle = Oracle(contract, operation)
        found: dict[CorpusRequest, CorpusCase] = {}  # by the request with its query in order: which parameter comes first changes nothing
        for item in (item for item in grown if item.operation == operation.id):
            for request in slotted(oracle, item.request, whole=item.origin != "coverage"):
                key = replace(request, query=tuple(sorted(request.query, key=repr)))
                if key in found:
                    continue
                try:
                    expectation = oracle.expect(request)
                except Undecided as reason:
                    dropped[str(reason)] += 1
                    continue
                found[key] = CorpusCase(
                    operation.id, request, item.mode, item.origin, expectation.outcome, expectation.codes, expectation.why
                )
        if len(found) > MOST:
            dropped["more than an operation needs"] += len(found) - MOST
        cases.extend(list(found.values())[:MOST])
    return Corpus(str(contract.id), shape_of(contract), f"schemathesis {schemathesis.__version__}", seed, tuple(cases), dropped)


def _pairs(contract: Contract) -> Iterator[Grown]:
    examples = example_values(contract)
    for operation in contract.operations:
        if operation.request_body is None:
            yield from (
                Grown(operation.id, "positive", "pairs", request)
                for request in paired(operation, examples, moments_of(contract, operation))
            )


def _coverage(contract: Contract, seed: int) -> list[Grown]:
    return _run(contract, seed, {"examples": {"enabled": True}, "coverage": _COVERAGE, "fuzzing": {"enabled": False}}, mode="all")


def _fuzzing(contract: Contract, seed: int, examples: Mapping[str, int]) -> Iterator[Grown]:
    """Good and bad requests in turns, so that a limit takes from both."""
    phases = {"examples": {"enabled": False}, "coverage": {"enabled": False}, "fuzzing": _FUZZING}
    good, bad = (_run(contract, seed, phases, mode=mode, examples=count) for mode, count in examples.items())
    yield from (item for index in range(max(len(good), len(bad))) for part in (bad, good) for item in part[index : index + 1])


_UNSENT = ("trace", "connect")
"""Methods that clients do not send."""
_COVERAGE = {"enabled": True, "extra-data-sources": {"responses": False}, "unexpected-methods": list[str]()}
_FUZZING = {"enabled": True, "extra-data-sources": {"responses": False}, "error-feedback": {"enabled": False}}


def _run(contract: Contract, seed: int, phases: dict[str, Any], *, mode: str, examples: int = 1) -> list[Grown]:
    """Let Schemathesis run its phases against an application that says yes to everything; give what it sent, in order."""
    config = cast("Any", schemathesis.Config).from_dict(
        {
            "seed": seed,
            "workers": 1,
            "continue-on-failure": True,
            "warnings": False,
            "cache": {"enabled": False},
            "analysis": {"constants": {"enabled": False}},
            "checks": {"enabled": False},
            "suppress-health-check": ["all"],
            "generation": {
                "mode": mode,
                "database": "none",
                "max-examples": examples,
                "no-shrink": True,
                "with-security-parameters": False,
            },
            "phases": {**phases, "stateful": {"enabled": False}},
        }
    )
    schema: Any = cast("Any", schemathesis.openapi).from_dict(_without_security(contract.openapi), config=config)
    schema.app = _say_yes
    by_label = {f"{operation.method} {operation.path}": operation for operation in contract.operations}
    found: list[Grown] = []
    for event in _events(schema):
        if isinstance(event, events.ScenarioFinished):
            recorder = event.recorder
            operation = by_label[recorder.label]
            for name, node in recorder.cases.items():
                sent = recorder.interactions.get(name)
                request = _request(operation, sent.request) if sent else None
                if request is not None:
                    found.append(Grown(operation.id, _mode(cast("Any", node).value), event.phase.value, request))
        elif isinstance(event, events.NonFatalError):
            raise KitError(f"growing {contract.id}: {event.label}: {event.value}") from event.value
        elif isinstance(event, events.FatalError):
            raise KitError(f"growing {contract.id}: {event.exception}") from event.exception
    return found


def _events(schema: Any) -> Iterator[Any]:
    """What the engine reports, with nothing drawn from the source code around it.

    Hypothesis seasons its draws with literals that it finds in the modules of whoever runs it. A corpus would then depend on every line of
    this package, and on whether it is installed or checked out.
    """
    with patch.object(providers, "_get_local_constants", Constants):
        providers.CONSTANTS_CACHE.cache.clear()
        try:
            yield from from_schema(schema).execute()
        finally:
            providers.CONSTANTS_CACHE.cache.clear()


def _say_yes(environ: dict[str, Any], start_response: Callable[[str, list[tuple[str, str]]], Any]) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "application/json")])
    return [b"{}"]


def _without_security(document: dict[str, Any]) -> dict[str, Any]:
    """The document without its security, which is no business of a corpus: every request is sent with a good credential."""
    paths = {
        path: {method: _without(item, "security") for method, item in items.items() if method not in _UNSENT}
        for path, items in document.get("paths", {}).items()
    }
    return {**_without(document, "security"), "paths": paths}


def _without(item: Any, key: str) -> Any:
    return {name: value for name, value in cast("dict[str, Any]", item).items() if name != key} if isinstance(item, dict) else item


def _mode(case: Any) -> Mode:
    return "negative" if case.meta is not None and case.meta.generation.mode.is_negative else "positive"


def _request(operation: Operation, sent: Any) -> CorpusRequest | None:
    """What went over the wire, reduced to what the contract speaks of; None when not every client could send it."""
    parts = urlsplit(str(sent.uri))
    pattern = re.sub(r"\\\{([^{}]+?)\\\}", r"([^/]*)", re.escape(operation.path))
    names = re.findall(r"\{([^{}]+)\}", operation.path)
    found = re.fullmatch(r".*?" + pattern, parts.path)
    if found is None or sent.method != operation.method:
        return None
    declared = {item.name.lower() for item in operation.parameters if item.location == "header"}
    if operation.request_body is not None:
        declared.add("content-type")
    try:
        query = tuple(parse_qsl(parts.query, keep_blank_values=True, errors="strict"))
        places = tuple((name, unquote(value, errors="strict")) for name, value in zip(names, found.groups(), strict=True))
        body = sent.body.decode() if operation.request_body is not None and sent.body else None
        headers = tuple(sorted((name.lower(), str(values[0])) for name, values in sent.headers.items() if name.lower() in declared))
    except UnicodeDecodeError:
        return None
    return CorpusRequest(operation.method, operation.path, places, query, headers, body)
