"""The corpus of a certification: the frozen one, the one kept beside the contract, or one that is grown now and kept there.

Nothing is ever written into the installed package: that holds frozen corpora of shipped contracts alone.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from assay_contracts import Contract
from assay_contracts.contract_folder import find_documents

from assay_conformance.corpus.frozen import FROZEN, Corpus, beside, corpus_name, frozen_path, read_corpus, shape_of, write_corpus
from assay_conformance.errors import CorpusError


@dataclass(frozen=True, slots=True)
class Found:
    """A corpus, where it is kept (None where it could not be written), and whether it was grown now."""

    corpus: Corpus
    path: Path | None
    grown: bool = False


def obtain_corpus(contract: Contract, name: str, path: Path | None = None, *, grow: Callable[[Contract], Corpus] | None = None) -> Found:
    """The corpus of a contract, grown when there is none for its requests. `name` is how the contract was named, `path` a file to keep to.

    `grow` defaults to `grow_corpus`. Raises `CorpusError` for a file that is no corpus, or a named one of other requests.
    """
    if not contract.operations:
        return Found(Corpus(str(contract.id), shape_of(contract), "nothing", 0, (), {}), None)
    places = (path,) if path is not None else tuple(filter(None, (kept_path(contract, name), frozen_path(contract))))
    for place in places:
        if place.is_file():
            found = read_corpus(place, contract if path is not None else None)
            if found.shape == shape_of(contract):
                return Found(found, place)
    grown = (grow or _grow)(contract)
    kept = path or kept_path(contract, name)
    return Found(grown, kept if kept is not None and _kept(kept, grown) else None, grown=True)


def kept_path(contract: Contract, name: str) -> Path | None:
    """Where a corpus is kept that is not shipped: beside a file, or in the `corpus` folder of the user's documents; None for an address."""
    if "://" in name:
        return None
    if "@" not in name or Path(name).is_file():
        return beside(Path(name))
    return find_documents().root / "corpus" / corpus_name(contract) if os.environ.get("ASSAY_DOCUMENTS") else None


def is_checkout() -> bool:
    """Whether the package is the checkout that it is made from, and not an installation."""
    return (FROZEN.parents[3] / "pyproject.toml").is_file()


def _kept(path: Path, corpus: Corpus) -> bool:
    """Write a corpus; False where its place cannot be written, which is no reason to end a certification."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_corpus(path, corpus)
    except OSError:
        return False
    return True


def _grow(contract: Contract) -> Corpus:
    """Grow with what an own contract needs; imported late, because Schemathesis takes a second."""
    try:
        from assay_conformance.corpus.growing import SMALL, grow_corpus
    except ImportError as error:
        raise CorpusError(
            f"the corpus of {contract.id}",
            expected="Schemathesis, which grows it",
            actual=str(error),
            next_step='pip install "assay[conformance]"',
        ) from None
    return grow_corpus(contract, examples=SMALL)
