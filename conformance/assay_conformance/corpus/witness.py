"""A second opinion: openapi-core on every case of a corpus and every example of a contract.

openapi-core reads the same document with code of its own, so where it agrees with the oracle that grew the corpus, both read the contract
alike. It knows schemas and nothing of annotations: it is asked whether a request fits its schemas, never whether a cursor was issued. It
takes milliseconds where the kit takes microseconds, which is why it is a witness and not the judge.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import unquote

import jsonschema_rs
import orjson
from assay_contracts import Contract
from openapi_core import OpenAPI
from openapi_core.datatypes import RequestParameters
from werkzeug.datastructures import Headers, ImmutableMultiDict

from assay_conformance.corpus.cases import CorpusCase
from assay_conformance.corpus.expecting import Oracle
from assay_conformance.corpus.frozen import Corpus
from assay_conformance.corpus.schemas import examples_of
from assay_conformance.corpus.slots import example_values
from assay_conformance.evidence import Request

HOST = "http://localhost:8000"

Opinion = tuple[str, str | None, str | None]
"""What is judged, what the kit has against it, what the witness has against it."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One request or answer that the two read differently: which, what the kit holds of it, and what the witness says."""

    subject: str
    kit: str
    witness: str


@dataclass(frozen=True, slots=True)
class Testimony:
    """What the witness said: how much it was shown, how much of that it refused, and where it differs from the kit."""

    shown: int
    refused: int
    disagreements: tuple[Disagreement, ...]


class Witness:
    """openapi-core with one contract in its hands."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        document = {**contract.openapi, "servers": [{"url": HOST}]}
        self._core = OpenAPI.from_dict({key: value for key, value in document.items() if key != "security"})

    def of_corpus(self, corpus: Corpus) -> Testimony:
        """Whether each case fits its schemas, by the oracle and by the witness."""
        oracles = {operation.id: Oracle(self._contract, operation) for operation in self._contract.operations}
        opinions = (
            (
                case.id,
                None if (expectation := oracles[case.operation].expect(case.request)).fits_schema else expectation.why,
                self.objection(case),
            )
            for case in corpus.cases
        )
        return _testimony(opinions)

    def of_examples(self) -> Testimony:
        """Whether each example of an answer fits its schema, whole and with each member taken away, by the kit and by the witness."""
        return _testimony(self._answers())

    def _answers(self) -> Iterator[Opinion]:
        for operation in self._contract.operations:
            for status, response in operation.responses.items():
                for media_type, schema in response.content.items():
                    validator = jsonschema_rs.Draft202012Validator(dict(schema), validate_formats=True)
                    for number, body in enumerate(_variants(schema)):
                        error = next(validator.iter_errors(body), None)
                        objection = self.objection_to_answer(operation.method, operation.path, int(status), media_type, body)
                        yield f"{operation.id} {status} example {number}", None if error is None else error.message, objection

    def objection(self, case: CorpusCase) -> str | None:
        """What the witness has against a request, slots filled by the contract's examples; None when nothing."""
        request = _Asked(case.request.path, case.request.filled(self._examples), dict(case.request.places))
        error = next(iter(self._core.iter_request_errors(request)), None)
        return None if error is None else _line(error)

    def objection_to_answer(self, method: str, path: str, status: int, media_type: str, body: Any) -> str | None:
        """What the witness has against the body of an answer; None when nothing. Headers are left out of it."""
        request = _Asked(path, Request(method, path), {})
        answer = _Answered(status, media_type, orjson.dumps(body))
        errors = [error for error in self._core.iter_response_errors(request, answer) if "Header" not in type(error).__name__]
        return _line(errors[0]) if errors else None

    @cached_property
    def _examples(self) -> dict[str, str]:
        return example_values(self._contract)


class _Asked:
    """A request in the shape that openapi-core reads."""

    def __init__(self, template: str, request: Request, places: dict[str, Any]) -> None:
        self.host_url = HOST
        self.method = request.method.lower()
        self.path = unquote(request.path)
        self.full_url_pattern = HOST + template
        self.body = None if request.body is None else request.body.encode()
        self.content_type = (request.header("content-type") or "application/json").lower()
        self.parameters = RequestParameters(query=ImmutableMultiDict(request.query), header=Headers(list(request.headers)), path=places)


@dataclass
class _Answered:
    """An answer in the shape that openapi-core reads."""

    status_code: int
    content_type: str
    data: bytes

    @property
    def headers(self) -> Headers:
        return Headers()


def _testimony(opinions: Iterable[Opinion]) -> Testimony:
    shown = refused = 0
    found: list[Disagreement] = []
    for subject, kit, witness in opinions:
        shown += 1
        refused += witness is not None
        if (kit is None) != (witness is None):
            found.append(Disagreement(subject, kit or "nothing wrong", witness or "nothing wrong"))
    return Testimony(shown, refused, tuple(found))


def _variants(schema: Any) -> Iterator[Any]:
    """The examples of a schema, and each with one member taken away."""
    for example in examples_of(schema):
        yield example
        yield from _maimed(example)


def _maimed(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for key, item in value.items():  # pyright: ignore[reportUnknownVariableType]
            yield {name: kept for name, kept in value.items() if name != key}  # pyright: ignore[reportUnknownVariableType]
            yield from ({**value, key: worse} for worse in _maimed(item))


def _line(error: BaseException) -> str:
    cause = error.__cause__
    text = f"{type(error).__name__}: {cause or error}"
    details = getattr(cause, "schema_errors", None)
    if details:
        text = f"{type(error).__name__}: {next(iter(details)).message}"
    return " ".join(text.split())[:300]
