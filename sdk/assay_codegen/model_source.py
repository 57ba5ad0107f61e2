"""The source of models, statement by statement: read from what the generator wrote, and put in an order in which it runs."""

from __future__ import annotations

import ast
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import merge
from operator import attrgetter

MARKER = "property of this contract: "
"""What the docstring of a field starts with that is read back; its number follows."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A class or the name of another type, with what it uses; `bases` must be there before a class."""

    name: str
    text: str
    uses: frozenset[str]
    bases: frozenset[str] = frozenset()
    is_class: bool = True


@dataclass(frozen=True, slots=True)
class Field:
    """The lines of one field, without its docstring, and the names that its type uses."""

    text: str
    uses: frozenset[str]


@dataclass(frozen=True, slots=True)
class Source:
    """What the generator wrote: where each imported name comes from, the fields of some classes by docstring, the rest as it is."""

    imports: Mapping[str, str]
    fields: Mapping[str, Field]
    statements: tuple[Statement, ...]


def read_source(text: str, packs: Collection[str], left_out: str) -> Source:
    """The parts of a module; `packs` are classes of which only the fields count, `left_out` is a class that does not."""
    lines = text.split("\n")
    imports: dict[str, str] = {}
    fields: dict[str, Field] = {}
    statements: list[Statement] = []
    for node, last in _with_docstrings(ast.parse(text).body):
        if isinstance(node, ast.ImportFrom) and node.module != "__future__":
            imports.update({alias.asname or alias.name: f"{node.module}:{alias.name}" for alias in node.names})
        elif isinstance(node, ast.ClassDef) and node.name in packs:
            fields.update(_fields(node, lines))
        elif isinstance(node, ast.ClassDef) and node.name != left_out:
            bases = frozenset(base.id for base in node.bases if isinstance(base, ast.Name))
            statements.append(Statement(node.name, _class_text(node, lines), _class_uses(node), bases))
        elif isinstance(node, ast.Assign) and isinstance(target := node.targets[0], ast.Name):
            marked = (_docstring(last) or "").startswith(MARKER)
            statements.append(Statement(target.id, _text(node, lines, node if marked else last), _used(node), is_class=False))
    return Source(imports, fields, tuple(statements))


def ordered(statements: Iterable[Statement], apart: Iterable[Statement] = ()) -> list[Statement]:
    """Statements so that each comes after what it needs when it runs, and after what else it uses where that is possible.

    The name of a type needs what it stands for; a class needs its bases, since the types of its fields are strings.
    Names of types among `statements` are in an order in which they run; those of `apart` use none of these.
    """
    others = {statement.name: statement for statement in apart}
    free = {name: others.pop(name) for name in sorted(others) if not others[name].is_class}
    by_name = others | {statement.name: statement for statement in merge(free.values(), statements, key=attrgetter("name"))}
    types: dict[str, Statement] = {}
    for statement in by_name.values():
        if not statement.is_class:
            _take(statement, by_name, types, free)
    found = {name: statement for name, statement in types.items() if not _reaches_class(statement, by_name)}
    classes = {name: by_name[name] for name in sorted(by_name) if by_name[name].is_class}
    for statement in classes.values():
        _take(statement, by_name, found, classes)
    return [*found.values(), *(statement for name, statement in types.items() if name not in found)]


def imports_of(statements: Sequence[Statement], imports: Mapping[str, str]) -> str:
    """The lines that import what some statements use."""
    used = {name for statement in statements for name in (*statement.uses, *statement.bases)} & imports.keys()
    homes: dict[str, list[str]] = {}
    for name in sorted(used):
        module, _, original = imports[name].partition(":")
        homes.setdefault(module, []).append(name if name == original else f"{original} as {name}")
    lines = {module: f"from {module} import {', '.join(names)}" for module, names in sorted(homes.items())}
    standard = [line for module, line in lines.items() if module.partition(".")[0] in sys.stdlib_module_names]
    others = [line for line in lines.values() if line not in standard]
    return "\n\n".join("\n".join(group) for group in (["from __future__ import annotations"], standard, others) if group)


def _take(statement: Statement, by_name: Mapping[str, Statement], found: dict[str, Statement], first: Collection[str]) -> None:
    """Add a statement behind those of `first` that it uses, as far as none of them waits for itself."""
    if statement.name in found:
        return
    waiting = [(statement, iter(sorted(statement.bases)), iter(sorted(statement.uses - statement.bases)))]
    entered = {statement.name}
    while waiting:
        current, bases, uses = waiting[-1]
        name = next(bases, None) or next(uses, None)
        if name is None:
            waiting.pop()
            found[current.name] = current
        elif name in first and name not in found and name not in entered:
            entered.add(name)
            used = by_name[name]
            waiting.append((used, iter(sorted(used.bases)), iter(sorted(used.uses - used.bases))))


def _reaches_class(statement: Statement, by_name: Mapping[str, Statement]) -> bool:
    waiting, entered = [statement], {statement.name}
    while waiting:
        current = waiting.pop()
        if current.is_class:
            return True
        fresh = current.uses & by_name.keys() - entered
        entered |= fresh
        waiting.extend(by_name[name] for name in fresh)
    return False


def _with_docstrings(body: list[ast.stmt]) -> Iterator[tuple[ast.stmt, ast.stmt]]:
    """Each statement with the docstring behind it, or with itself."""
    for node, following in zip(body, [*body[1:], None], strict=True):
        if not isinstance(node, ast.Expr):
            yield node, node if following is None or _docstring(following) is None else following


def _docstring(node: ast.stmt) -> str | None:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
        return node.value.value
    return None


def _fields(node: ast.ClassDef, lines: list[str]) -> Iterator[tuple[str, Field]]:
    for statement, last in _with_docstrings(node.body):
        marker = _docstring(last)
        if isinstance(statement, ast.AnnAssign) and marker is not None:
            yield marker, Field(_text(statement, lines, statement), _used(statement))


def _class_text(node: ast.ClassDef, lines: list[str]) -> str:
    """A class, without a docstring that only marks a property."""
    first = node.body[0]
    lines = _with_late_types(node, lines)
    if not (_docstring(first) or "").startswith(MARKER):
        return _text(node, lines, node)
    rest = "\n".join(lines[first.end_lineno : node.end_lineno]).strip("\n")
    return f"{lines[node.lineno - 1]}\n{rest or '    pass'}"


def _further(node: ast.ClassDef) -> Iterator[ast.Subscript]:
    """The type of a class's further properties, a dictionary that the generator writes as a value and not as an annotation."""
    for item in node.body:
        if isinstance(item, ast.Assign) and _is_further(item) and isinstance(item.value, ast.Dict):
            yield from (value for value in item.value.values if isinstance(value, ast.Subscript))


def _is_further(item: ast.AST) -> bool:
    return isinstance(item, ast.Assign) and ast.unparse(item.targets[0]) == "__annotations__"


def _with_late_types(node: ast.ClassDef, lines: list[str]) -> list[str]:
    """The lines of a module in which that type is a string, since what it names may come later than the class."""
    further = list(_further(node))
    changed = list(lines) if further else lines
    for value in further:
        # Columns count bytes.
        line = changed[value.lineno - 1].encode()
        late = repr(ast.unparse(ast.Subscript(ast.Name("dict"), value.slice))).encode()
        changed[value.lineno - 1] = (line[: value.col_offset] + late + line[value.end_col_offset :]).decode()
    return changed


def _class_uses(node: ast.ClassDef) -> frozenset[str]:
    rest = (item for item in (*node.bases, *node.body) if not _is_further(item))
    return frozenset[str]().union(*map(_used, rest), *(_used(value.slice) for value in _further(node)))


def _text(node: ast.stmt, lines: list[str], last: ast.stmt) -> str:
    return "\n".join(lines[node.lineno - 1 : last.end_lineno])


def _used(node: ast.AST) -> frozenset[str]:
    """The names that a statement uses; a string stands for a name where it is the name of a type that comes later."""
    nodes = list(ast.walk(node))
    names = {inner.id for inner in nodes if isinstance(inner, ast.Name)}
    literals = [
        inner.slice
        for inner in nodes
        if isinstance(inner, ast.Subscript) and isinstance(inner.value, ast.Name) and inner.value.id == "Literal"
    ]
    options = [inner.value for inner in nodes if isinstance(inner, ast.keyword)]
    # What stands alone is a docstring.
    words = [inner.value for inner in nodes if isinstance(inner, ast.Expr)]
    values = {id(value) for inner in (*literals, *options, *words) for value in ast.walk(inner)}
    quoted = (inner.value for inner in nodes if isinstance(inner, ast.Constant) and id(inner) not in values)
    return frozenset(names | {text for text in quoted if isinstance(text, str) and text.isidentifier()})
