"""Which kit this is: its version, and one digest of what decides a verdict.

The digest covers the judge and every module that it reaches by import, the modules that read a contract, and the shipped vocabulary.
Drivers, corpus growth, reports and commands are left out: they decide what evidence there is, never what it means.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from assay_contracts import AssayError, shipped_documents

from assay_conformance.import_graph import reachable

PACKAGES = ("assay_conformance", "assay_contracts")
"""The packages whose imports are followed."""
ROOTS = ("assay_conformance.judging", "assay_conformance.evidence.journal", "assay_contracts.parsing")
"""What turns a contract and an evidence file into rows."""


@lru_cache(maxsize=1)
def kit_version() -> str:
    """The version of the distribution."""
    return version("assay")


@lru_cache(maxsize=1)
def kit_digest() -> str:
    """The digest of the installed kit (`sha256:<hex>`): two kits that judge alike have the same one."""
    documents = shipped_documents()
    files = (documents.vocabulary_version(), *documents.vocabulary_files())
    return digest_of({name: _folder(name) for name in PACKAGES}, (path for path in files if path is not None))


def digest_of(packages: Mapping[str, Path], vocabulary: Iterable[Path]) -> str:
    """The digest of a kit whose packages lie in these folders, with these files of the vocabulary."""
    graph = reachable(packages, ROOTS)
    total = hashlib.sha256()
    for name, path in sorted(graph.modules.items()):
        total.update(name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    for name, target in sorted(graph.names.items()):
        total.update(f"{name}\0{target}\0".encode())
    for path in sorted(vocabulary, key=_vocabulary_name):
        total.update(_vocabulary_name(path).encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return f"sha256:{total.hexdigest()}"


def _vocabulary_name(path: Path) -> str:
    """The kind and the name of a file of the vocabulary, such as `openapi/x-cache.yaml`: the same in a checkout and in a wheel."""
    return f"{path.parent.parent.name}/{path.name}"


def _folder(package: str) -> Path:
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise AssayError(f"the package {package} has no source files; expected an installation from a wheel or a checkout")
    return Path(spec.origin).parent
