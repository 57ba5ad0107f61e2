"""The driver of percentiles: values are sent by every source, and the percentile is read before and after."""

from __future__ import annotations

import math
from typing import Any

import orjson
import pytest
from assay_conformance.corpus import CorpusCase, CorpusRequest
from assay_conformance.drivers.percentile import drive_changing
from assay_conformance.evidence import Evidence, SentValues
from assay_conformance.judging import judge

from .harbour import Call, Reply, contract_of, evidence_of, operation

NUMBER = {"type": "number", "minimum": 0, "maximum": 1000}
ONE = {"type": "object", "required": ["kind", "v"], "additionalProperties": False, "properties": {"kind": {"type": "string"}, "v": NUMBER}}
SEVERAL = {"type": "object", "additionalProperties": False, "minProperties": 1, "properties": {"wait": NUMBER, "load": NUMBER}}
SCHEMA = {"type": "object", "properties": {"meta": {"oneOf": [ONE, SEVERAL]}}}
BODY = {"required": True, "content": {"application/json": {"schema": SCHEMA}}}
SOURCES = [{"operation": "log", "at": "/meta/v", "by": {"kind": "/meta/kind"}}, {"operation": "log", "at": "/meta/{kind}"}]
RULE = {"at": "/gates/*/p", "rank": 95, "definition": "nearest-rank", "count": "/gates/*/n", "values": SOURCES}
CONTRACT = contract_of(
    {"/log": {"post": operation("log", requestBody=BODY)}, "/gates": {"get": operation("readGates", x_percentile=[RULE])}}
)
REQUEST = CorpusRequest("POST", "/log", headers=(("content-type", "application/json"),), body='{"meta": {"wait": 4}}')
CASES = (CorpusCase("log", REQUEST, "positive", "examples", "accepted", (), "by hand"),)


class Harbour:
    """Keeps values by kind; `place` says which of the ordered values it answers, `flat` whether it reads values by name."""

    def __init__(self, wrong: str = "", known: int = 0) -> None:
        self.wrong = wrong
        self.values: dict[str, list[float]] = {"wait": [float(value) for value in range(known)], "load": [7.0]}

    def __call__(self, call: Call) -> Reply:
        if call.method == "POST":
            meta = orjson.loads(call.body)["meta"]
            pairs = {meta["kind"]: meta["v"]} if "v" in meta else {} if self.wrong == "flat" else meta
            for kind, value in pairs.items():
                self.values[kind].append(value)
            return Reply({})
        return Reply({"gates": [self._gate(kind, sorted(values)) for kind, values in self.values.items()]})

    def _gate(self, kind: str, values: list[float]) -> dict[str, Any]:
        gate: dict[str, Any] = {"kind": kind, "n": len(values)}
        if not values:
            return gate
        exact = 1 + 0.95 * (len(values) - 1)
        ways = {
            "largest": values[-1],
            "mean": sum(values) / len(values),
            "next": values[min(len(values), math.ceil(0.95 * len(values)) + 1) - 1],
            "linear": values[math.floor(exact) - 1] + (exact % 1) * (values[math.ceil(exact) - 1] - values[math.floor(exact) - 1]),
            "others": sorted(value for known in self.values.values() for value in known)[-1],
        }
        return gate | {"p": ways.get(self.wrong, values[math.ceil(95 * len(values) / 100) - 1])}


def driven(wrong: str = "", known: int = 0) -> Evidence:
    """What the driver records."""
    return evidence_of(drive_changing, CONTRACT, Harbour(wrong, known), cases=CASES)


def verdict(evidence: Evidence) -> str:
    """What the judge makes of it."""
    return next(row.verdict.value for row in judge(CONTRACT, evidence, only={"PCT-001"}).rows)


@pytest.mark.parametrize("known", [0, 1, 30, 400])
def test_an_exact_percentile_passes(known: int) -> None:
    """With or without values before."""
    assert verdict(driven(known=known)) == "PASS"


@pytest.mark.parametrize("wrong", ["largest", "mean", "next", "linear", "others"])
def test_another_number_fails(wrong: str) -> None:
    """Also one that is a place off, or computed by another definition."""
    assert verdict(driven(wrong)) == "FAIL"


def test_values_are_sent_by_every_source(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that reads one form alone counts too few, and shows nothing."""
    monkeypatch.setattr("assay_conformance.drivers.percentile.SHORTEST_SECONDS", 0.0)
    runs = driven().of(SentValues)

    sent = [orjson.loads(item.request.body or "")["meta"] for item in runs[0].accepted]
    assert any("v" in meta for meta in sent)
    assert any("wait" in meta for meta in sent)
    assert verdict(driven("flat")) == "INCONCLUSIVE"
