"""Whether two texts that differ in their bytes differ in what they mean, and in what.

Each reader gives the differences of meaning in a few words; none of them is a difference of bytes alone: comments, docstrings, the order of
imports and of what stands beside each other, white space, the words of descriptions.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePath
from typing import Any

import yaml
from assay_contracts.json_types import is_list, is_mapping
from assay_contracts.pointers import escape

_WORDS = ("title", "summary", "description")
_ABSENT = object()
_MOST = 20

_BLOCKS = (
    ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef, ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith,
    ast.Try, ast.TryStar, ast.ExceptHandler, ast.match_case,
)  # fmt: skip
"""The nodes whose body is a list of statements."""


def differences(name: str, found: str, given: str) -> tuple[str, ...]:
    """What differs in meaning between the text that is there and the one that is given; nothing when only bytes differ."""
    if name == "record.json":
        # It lists digests of the bytes beside it: what they mean is said there.
        return ()
    reader = _READERS.get(PurePath(name).suffix, _of_text)
    try:
        return tuple(dict.fromkeys(reader(found, given)))[:_MOST]
    except (SyntaxError, ValueError, yaml.YAMLError):
        return ("cannot be read any more",)


def _of_python(found: str, given: str) -> Iterator[str]:
    """Module by module: imports as a set, definitions by name, the rest in its order."""
    old, new = _Module(found), _Module(given)
    for name in sorted(old.imports ^ new.imports):
        yield f"import {name} is {'missing' if name in new.imports else 'superfluous'}"
    yield from _named(old.definitions, new.definitions)
    if old.rest != new.rest:
        yield "statements outside of definitions differ"


class _Module:
    """A parsed module without what means nothing."""

    def __init__(self, text: str) -> None:
        self.imports: set[str] = set()
        self.definitions: dict[str, ast.AST] = {}
        self.rest: list[str] = []
        for node in _undocumented(ast.parse(text)).body:
            if isinstance(node, ast.Import):
                self.imports |= {_as_name(alias) for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                self.imports |= {f"{'.' * node.level}{node.module or ''}.{_as_name(alias)}" for alias in node.names}
            elif (name := _name_of(node)) is not None and name not in self.definitions:
                self.definitions[name] = node
            else:
                self.rest.append(ast.dump(node))


def _named(old: Mapping[str, ast.AST], new: Mapping[str, ast.AST], inside: str = "") -> Iterator[str]:
    for name in sorted({*old, *new}):
        where = f"{inside}.{name}" if inside else name
        if name not in new:
            yield f"{where} is superfluous"
        elif name not in old:
            yield f"{where} is missing"
        else:
            yield from _changed(where, old[name], new[name])


def _changed(where: str, old: ast.AST, new: ast.AST) -> Iterator[str]:
    if _dumped(old) == _dumped(new):
        return
    if isinstance(old, ast.ClassDef) and isinstance(new, ast.ClassDef):
        inner = list(_named(_members(old), _members(new), where))
        yield from inner or (f"{where} differs",)
    else:
        yield f"{where} differs"


def _members(node: ast.ClassDef) -> dict[str, ast.AST]:
    return {name: statement for statement in node.body if (name := _name_of(statement)) is not None}


def _name_of(node: ast.stmt) -> str | None:
    if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        return node.name
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return node.target.id
    if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id
    return None


def _dumped(node: ast.AST) -> str:
    """A definition as text; the order of `__all__` means nothing."""
    if isinstance(node, ast.Assign) and _name_of(node) == "__all__" and isinstance(node.value, ast.List | ast.Tuple):
        return " ".join(sorted(ast.dump(element) for element in node.value.elts))
    return ast.dump(node)


def _undocumented(tree: ast.Module) -> ast.Module:
    """The tree without strings that stand alone."""
    for node in ast.walk(tree):
        if isinstance(node, _BLOCKS):
            node.body = [
                statement for statement in node.body if not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant))
            ]
    return tree


def _as_name(alias: ast.alias) -> str:
    return alias.name if alias.asname is None else f"{alias.name} as {alias.asname}"


def _of_json(found: str, given: str) -> Iterator[str]:
    yield from _unequal("", json.loads(found), json.loads(given))


def _of_yaml(found: str, given: str) -> Iterator[str]:
    yield from _unequal("", yaml.safe_load(found), yaml.safe_load(given))


def _unequal(where: str, old: Any, new: Any) -> Iterator[str]:
    """The pointers at which two values differ, the words of descriptions aside."""
    if is_mapping(old) and is_mapping(new):
        for key in sorted({*old, *new}, key=str):
            one, two = old.get(key, _ABSENT), new.get(key, _ABSENT)
            if key in _WORDS and all(part is _ABSENT or isinstance(part, str) for part in (one, two)):
                continue
            place = f"{where}/{escape(str(key))}"
            if one is _ABSENT or two is _ABSENT:
                yield f"{place} is {'missing' if one is _ABSENT else 'superfluous'}"
            else:
                yield from _unequal(place, one, two)
    elif is_list(old) and is_list(new) and len(old) == len(new):
        for index, (one, two) in enumerate(zip(old, new, strict=True)):
            yield from _unequal(f"{where}/{index}", one, two)
    elif old != new or type(old) is not type(new):
        yield f"{where or '/'} differs"


def _of_script(found: str, given: str) -> Iterator[str]:
    """TypeScript: without comments, imports as a set, white space as one."""
    old, new = (_statements(text) for text in (found, given))
    if old != new:
        yield "the code differs"


def _statements(text: str) -> tuple[set[str], str]:
    bare = re.sub(
        r"""("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`)|//[^\n]*|/\*.*?\*/""", lambda found: found[1] or "", text, flags=re.S
    )
    imports = {" ".join(statement.split()) for statement in re.findall(r"^import\b[^;]*;", bare, flags=re.M)}
    return imports, " ".join(re.sub(r"^import\b[^;]*;", "", bare, flags=re.M).split())


def _of_text(found: str, given: str) -> Iterator[str]:
    if found.split() != given.split():
        yield "the words differ"


_READERS: dict[str, Callable[[str, str], Iterator[str]]] = {
    ".py": _of_python, ".json": _of_json, ".yaml": _of_yaml, ".ts": _of_script, ".mts": _of_script,
}  # fmt: skip
