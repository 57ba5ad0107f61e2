"""The file of a corpus: gzipped NDJSON, a heading and then one case a line; the same cases give the same bytes."""

from __future__ import annotations

import gzip
import hashlib
import io
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import orjson
from assay_contracts import Contract, canonical_bytes, list_contracts

from assay_conformance.corpus.cases import CorpusCase, parse_case
from assay_conformance.errors import CorpusError

FORMAT = "assay-corpus/1"
FROZEN = Path(__file__).parent / "frozen"
DIGESTS = FROZEN / "SHA256SUMS"
BESIDE = ".corpus.ndjson.gz"


@dataclass(frozen=True, slots=True)
class Corpus:
    """All cases of one contract version.

    `shape` is the digest of what the contract says about requests, so that a corpus is never replayed against a contract that it was not
    grown for; a changed description does not change it. `grown_by` and `seed` say how to grow it again, `dropped` how many requests were
    left out and why.
    """

    contract: str
    shape: str
    grown_by: str
    seed: int
    cases: tuple[CorpusCase, ...]
    dropped: Mapping[str, int]

    @property
    def digest(self) -> str:
        """The digest of the uncompressed lines, `sha256:<hex>`."""
        return f"sha256:{hashlib.sha256(self.lines()).hexdigest()}"

    @property
    def counts(self) -> dict[tuple[str, str, str], int]:
        """How many cases there are by operation, mode and outcome."""
        return dict(sorted(Counter((case.operation, case.mode, case.outcome) for case in self.cases).items()))

    def of(self, operation: str) -> tuple[CorpusCase, ...]:
        """The cases of one operation."""
        return tuple(case for case in self.cases if case.operation == operation)

    def lines(self) -> bytes:
        """The uncompressed file."""
        heading = {
            "format": FORMAT,
            "contract": self.contract,
            "shape": self.shape,
            "grownBy": self.grown_by,
            "seed": self.seed,
            "cases": len(self.cases),
            "dropped": dict(sorted(self.dropped.items())),
        }
        return b"\n".join([orjson.dumps(heading), *(orjson.dumps(case.plain()) for case in self.cases), b""])


def write_corpus(path: Path, corpus: Corpus) -> None:
    """Write a corpus as gzipped NDJSON: a heading, then a case a line.

    The bytes depend on its cases alone, not on the time, the name or the machine.
    """
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", mtime=0, filename="", compresslevel=9) as out:
        out.write(corpus.lines())
    path.write_bytes(buffer.getvalue())


def read_corpus(path: Path, contract: Contract | None = None) -> Corpus:
    """Read a corpus, and with a contract make sure that it was grown for it. Raises `CorpusError` with the line that is wrong."""
    try:
        lines = gzip.decompress(path.read_bytes()).splitlines()
    except FileNotFoundError:
        raise CorpusError(str(path), expected="a corpus", actual="no such file") from None
    except (OSError, EOFError, ValueError) as error:
        raise CorpusError(str(path), expected="gzipped NDJSON", actual=str(error)) from None
    place = f"{path}:1"
    try:
        heading: dict[str, Any] = orjson.loads(lines[0])
        if heading.get("format") != FORMAT:
            raise ValueError(f"the format is {heading.get('format')!r}, not {FORMAT!r}")
        cases: list[CorpusCase] = []
        for number, line in enumerate(lines[1:], start=2):
            place = f"{path}:{number}"
            cases.append(parse_case(orjson.loads(line)))
        if len(cases) != heading["cases"] or len({case.id for case in cases}) != len(cases):
            raise ValueError(f"{len(cases)} cases where the heading says {heading['cases']}, or one twice")
        found = Corpus(
            str(heading["contract"]),
            str(heading["shape"]),
            str(heading["grownBy"]),
            int(heading["seed"]),
            tuple(cases),
            cast("dict[str, int]", heading["dropped"]),
        )
    except (IndexError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise CorpusError(place, expected=f"a line of {FORMAT}", actual=f"{type(error).__name__}: {error}") from None
    if contract is not None and found.shape != shape_of(contract):
        raise CorpusError(
            str(path),
            expected=f"a corpus grown for the requests of {contract.id}",
            actual=f"one for other requests of {found.contract}",
            next_step=f"grow it again: {how_to_grow(contract, path)}",
        )
    return found


def find_corpus(contract: Contract, path: Path | None = None) -> Corpus:
    """The frozen corpus of a contract version, or the one in the file `path`.

    Raises `CorpusError`: with the command that grows one where there is no file, with the line where the file is wrong.
    """
    known = path or frozen_path(contract)
    if not known.is_file():
        raise CorpusError(
            f"the corpus of {contract.id}",
            expected=f"the file {known.name}" if path is None else str(path),
            actual="none",
            next_step=f"grow one: {how_to_grow(contract, known)}",
        )
    return read_corpus(known, contract)


def frozen_path(contract: Contract) -> Path:
    """Where the corpus of a shipped contract version is frozen."""
    return FROZEN / corpus_name(contract)


def corpus_name(contract: Contract) -> str:
    """The name of the file that holds the corpus of a contract version."""
    return f"{contract.id.name}-{contract.id.version}.ndjson.gz"


def beside(document: Path) -> Path:
    """Where the corpus of a contract is kept that is a file of its own: next to it."""
    return document.with_name(document.name + BESIDE)


def read_digests(path: Path = DIGESTS) -> dict[str, str]:
    """The digests of the frozen corpora, by file name."""
    try:
        rows = [line.split(maxsplit=1) for line in path.read_text("utf-8").splitlines()]
        return {name.strip(): digest for digest, name in rows}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise CorpusError(str(path), expected="lines of a digest and a file name", actual=str(error)) from None


def write_digests(folder: Path = FROZEN) -> None:
    """Write the digest of every corpus of a folder, checkable with `sha256sum -c`."""
    rows = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in sorted(folder.glob("*.ndjson.gz"))]
    (folder / DIGESTS.name).write_text("".join(rows), "utf-8")


def shape_of(contract: Contract) -> str:
    """The digest of what a contract says about requests and their errors, whatever its words for people are."""
    taxonomy = contract.taxonomy
    lines: list[Any] = [
        {
            "id": operation.id,
            "method": operation.method,
            "path": operation.path,
            "parameters": [
                [item.name, item.location, item.required, item.style, item.explode, _wordless(item.schema)] for item in operation.parameters
            ],
            "body": operation.request_body and [operation.request_body.required, _wordless(operation.request_body.content)],
            "annotations": dict(operation.annotations),
            "codes": list(operation.error_codes),
        }
        for operation in contract.operations
    ]
    provoked = {code: dict(item.provoke) for code, item in taxonomy.codes.items()} if taxonomy else {}
    version = dict(taxonomy.schema_version) if taxonomy else {}
    return f"sha256:{hashlib.sha256(canonical_bytes([lines, provoked, version])).hexdigest()}"


def how_to_grow(contract: Contract, path: Path) -> str:
    """The command that grows a corpus."""
    if path.name.endswith(BESIDE):
        return f"assay corpus grow --contract {path.with_name(path.name.removesuffix(BESIDE))}"
    if contract.id not in list_contracts():
        return "assay corpus grow --contract FILE, and name what it writes with --corpus"
    return f"assay corpus grow --contract {contract.id}" + ("" if path.parent == FROZEN else f" --out {path}")


def _wordless(value: Any) -> Any:
    if isinstance(value, Mapping):
        known = cast("Mapping[str, Any]", value)
        return {
            key: _wordless(item)
            for key, item in known.items()
            if not (key in ("description", "title") and isinstance(item, str)) and not (key == "examples" and isinstance(item, list))
        }
    return [_wordless(item) for item in cast("Iterable[Any]", value)] if isinstance(value, list) else value
