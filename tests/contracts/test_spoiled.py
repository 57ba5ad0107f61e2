"""Contracts spoiled at random: whatever stands where it should not, the answer is a finding or an error that explains."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml
from assay_contracts import AssayError, load_contract
from assay_contracts.lint import lint_files

Document = dict[str, Any]
Write = Callable[[str, Document], Path]
Keys = tuple[str | int, ...]

SMALL = Path(__file__).parents[2] / "sdk" / "assay_contracts" / "lint" / "example"

JUNK: list[Any] = [
    None, True, -1, 1.5, "", "x", "/a/b", [], ["x"], [None], [[]], {}, {"x": 1}, {"type": "string"}, {"items": 3},
    {"$ref": "#/components/schemas/Page"}, {"$ref": "#/nowhere"}, {"$ref": 1}, {"allOf": [{"$ref": "#/components/schemas/Item"}]},
    {"properties": []},
]  # fmt: skip


def places(value: Any, at: Keys = ()) -> Iterator[Keys]:
    """Every place of a document but its root."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        yield (*at, key)
        yield from places(member, (*at, key))


def spoil(document: Document, rng: random.Random) -> None:
    """Put junk at one place, or take away what is there."""
    *above, last = rng.choice(list(places(document)))
    holder: Any = document
    for key in above:
        holder = holder[key]
    if rng.random() < 0.2:
        del holder[last]
    else:
        holder[last] = copy.deepcopy(rng.choice(JUNK))


@pytest.mark.parametrize("seed", range(12))
def test_a_spoiled_contract_is_explained(seed: int, openapi: Document, asyncapi: Document, write: Write) -> None:
    """Loading and linting end well or with an error of the project's own, never with another exception."""
    rng = random.Random(seed)
    for _ in range(12):
        documents = {"api.yaml": copy.deepcopy(openapi), "feed.yaml": copy.deepcopy(asyncapi)}
        spoil(documents[rng.choice(["api.yaml", "feed.yaml"])], rng)
        api, feed = (write(name, document) for name, document in documents.items())
        for attempt in (lambda: load_contract(api, asyncapi=feed), lambda: lint_files([api, feed])):  # noqa: B023
            with suppress(AssayError):
                attempt()


@pytest.mark.slow
@pytest.mark.parametrize("seed", [*range(4), *(pytest.param(seed, marks=pytest.mark.exhaustive) for seed in range(4, 20))])
def test_a_contract_with_every_annotation_is_explained_when_spoiled(seed: int, tmp_path: Path) -> None:
    """A hundred spoilings a seed of the contract that the rules' pages are about: each ends in findings or an error that explains."""
    rng = random.Random(1000 + seed)
    sound = [yaml.load((SMALL / name).read_text(encoding="utf-8"), yaml.CSafeLoader) for name in ("openapi.yaml", "asyncapi.yaml")]
    paths = [tmp_path / name for name in ("api.json", "feed.json")]
    for path, document in zip(paths, sound, strict=True):
        path.write_text(json.dumps(document), encoding="utf-8")
    for _ in range(100):
        which = rng.randrange(2)
        document = copy.deepcopy(sound[which])
        for _ in range(rng.choice([1, 1, 3])):
            spoil(document, rng)
        paths[which].write_text(json.dumps(document), encoding="utf-8")
        with suppress(AssayError):
            lint_files(paths)
        paths[which].write_text(json.dumps(sound[which]), encoding="utf-8")
