"""The runtime as part of a package: the modules that the generated code reaches, under the package's own name."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from pathlib import Path

from assay_packaging.errors import RuntimeIncomplete

RUNTIME = "assay_sdk"
FOLDER = "runtime"
"""The name of the runtime inside a package."""
_MENTION = re.compile(rf"\b{RUNTIME}((?:\.\w+)*)")
# What the callers of a client with tokens want, although none of its code needs it.
_CREDENTIALS = f"{RUNTIME}.oauth"
_GENERATED = f"{RUNTIME}.generated"
_HEADER = "# Part of Assay, copied by `assay generate python --standalone`. SPDX-License-Identifier: Apache-2.0\n"


def vendor(files: Mapping[str, str], name: str) -> dict[str, str]:
    """The files of a generated package, and the runtime's beside them, all of which import `name.runtime`."""
    own = f"{name}.{FOLDER}"
    found = {path: _MENTION.sub(lambda mention: own + mention[1], text) for path, text in files.items()}
    if "record.json" in found:
        found["record.json"] = _recorded(found)
    sources = _sources()
    reached = _reached(files.values(), sources)
    for module in sorted(reached):
        path, text = sources[module]
        found[f"{FOLDER}/{path}"] = _HEADER + _MENTION.sub(lambda mention: own + mention[1], text)
    found[f"{FOLDER}/__init__.py"] = _HEADER + _MENTION.sub(lambda mention: own + mention[1], _door(sources, reached))
    return found


def reaches(files: Mapping[str, str], package: str) -> bool:
    """Whether the code, or the part of the runtime that it stands on, imports a package."""
    sources = _sources()
    texts = [*files.values(), *(sources[module][1] for module in _reached(files.values(), sources))]
    return any(re.search(rf"^\s*(?:from|import) {package}\b", text, re.MULTILINE) for text in texts)


def _sources() -> dict[str, tuple[str, str]]:
    """The modules of the runtime by name, each with its path below the package and its source; generated ones are not in it."""
    spec = find_spec(RUNTIME)
    root = Path(spec.origin).parent if spec and spec.origin else None
    if root is None or not (root / "client.py").is_file():
        raise RuntimeIncomplete("--standalone", expected=f"the sources of {RUNTIME}", actual="none", next_step="install assay again")
    sources: dict[str, tuple[str, str]] = {}
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        module = ".".join([RUNTIME, *(parts[:-1] if parts[-1] == "__init__" else parts)])
        if not module.startswith(_GENERATED):
            sources[module] = (path.relative_to(root).as_posix(), path.read_text(encoding="utf-8"))
    return sources


def _reached(texts: Iterable[str], sources: Mapping[str, tuple[str, str]]) -> set[str]:
    """The modules that texts import or name, and those that these do; the door of the runtime is written anew and not among them."""
    reached: set[str] = set()
    waiting = list(texts)
    if any('Scheme("bearer"' in text for text in waiting):
        waiting.append(_CREDENTIALS)
    while waiting:
        for mention in _MENTION.finditer(waiting.pop()):
            module = RUNTIME + mention[1]
            while module != RUNTIME and module not in sources:
                module = module.rpartition(".")[0]
            # A module needs the packages that it is in.
            while module != RUNTIME and module not in reached:
                reached.add(module)
                waiting.append(sources[module][1])
                module = module.rpartition(".")[0]
    return reached


def _door(sources: Mapping[str, tuple[str, str]], reached: set[str]) -> str:
    """The runtime's `__init__` with the names whose modules are there."""
    text = sources[RUNTIME][1]
    constants = dict(re.findall(r'^(_[A-Z]+) = "([\w.]+)"$', text, re.MULTILINE))
    homes: dict[str, str] = {
        name: quoted or constants[constant]
        for name, quoted, constant in re.findall(r'^    "(\w+)": (?:"([\w.]+)"|(_[A-Z]+)),$', text, re.MULTILINE)
    }
    unreached = {name for name, home in homes.items() if home not in reached}
    block = re.compile(r"^    from ([\w.]+) import (?:\(\n(?:        \w+,\n)+    \)|[\w, ]+)\n", re.MULTILINE)
    text = block.sub(lambda found: found[0] if found[1] in reached else "", text)
    lines = [
        line
        for line in text.splitlines(keepends=True)
        if not (words := re.match(r'    "(\w+)"(?:: [^,]+)?,$', line)) or words[1] not in unreached
    ]
    unused = [f"{constant} = " for constant, home in constants.items() if home not in reached]
    return "".join(line for line in lines if not line.startswith(tuple(unused)))


def _recorded(files: Mapping[str, str]) -> str:
    """The record with the digests of the files as they are now."""
    record = json.loads(files["record.json"])
    record["files"] = {name: "sha256:" + hashlib.sha256(files[name].encode()).hexdigest() for name in record.get("files", {})}
    return json.dumps(record, indent=2) + "\n"
