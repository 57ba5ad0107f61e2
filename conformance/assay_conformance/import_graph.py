"""What a module reaches by import, read from source files without running them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ImportGraph:
    """What is reached: `modules` by dotted name, and `names` that packages re-export, each with the name that it stands for."""

    modules: Mapping[str, Path]
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ImportedName:
    """One imported module, or one name of it."""

    module: str
    name: str | None = None


def reachable(packages: Mapping[str, Path], roots: Iterable[str]) -> ImportGraph:
    """The modules that the roots reach within the packages, roots included.

    `packages` maps the name of a top-level package to its folder. A name that a package re-exports leads to the module that defines it, so
    that the package's other modules are not reached. Imports inside functions count; imports for type checkers alone do not.
    Raises `FileNotFoundError` for a root that is no module.
    """
    modules: dict[str, Path] = {}
    names: dict[str, str] = {}
    doors: dict[str, Mapping[str, ImportedName]] = {}
    waiting = list(roots)
    while waiting:
        module = waiting.pop()
        if module in modules:
            continue
        path = _file(packages, module)
        if path is None:
            raise FileNotFoundError(f"{module}: no such module in {', '.join(sorted(packages))}")
        modules[module] = path
        for imported in imports_of(path, module):
            waiting.extend(_targets(packages, imported, names, doors))
    return ImportGraph(modules, names)


def _targets(
    packages: Mapping[str, Path], imported: ImportedName, names: dict[str, str], doors: dict[str, Mapping[str, ImportedName]]
) -> Iterator[str]:
    """The modules that one import leads to, none when it leads out of the packages; re-exports on the way are noted in `names`.

    `doors` keeps what packages re-export by their names, so that an `__init__` is parsed once and not for every name taken from it.
    """
    path = _file(packages, imported.module)
    if path is None:
        return
    if imported.name is None:
        yield imported.module
        return
    submodule = f"{imported.module}.{imported.name}"
    if _file(packages, submodule) is not None:
        yield submodule
        return
    if path.name == "__init__.py" and imported.module not in doors:
        doors[imported.module] = _reexports(path, imported.module)
    reexport = doors.get(imported.module, {}).get(imported.name)
    if reexport is None:
        yield imported.module
        return
    names[submodule] = f"{reexport.module}.{reexport.name}" if reexport.name else reexport.module
    yield from _targets(packages, reexport, names, doors)


def _reexports(path: Path, package: str) -> Mapping[str, ImportedName]:
    """Where a package's `__init__` imports names from: those that it does not define itself."""
    found: dict[str, ImportedName] = {}
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                found.setdefault(alias.asname or alias.name, ImportedName(_origin(node, package, is_package=True), alias.name))
    return found


def imports_of(path: Path, module: str) -> Iterator[ImportedName]:
    """What a module imports, at its top and inside functions, but not for type checkers alone."""
    is_package = path.name == "__init__.py"
    for node in _running(_tree(path)):
        if isinstance(node, ast.Import):
            yield from (ImportedName(alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            origin = _origin(node, module, is_package=is_package)
            yield from (ImportedName(origin, None if alias.name == "*" else alias.name) for alias in node.names)


def _running(node: ast.AST) -> Iterator[ast.stmt]:
    """Every statement below this node, except those that only a type checker reads; an import is never inside an expression."""
    for block in ("body", "handlers", "cases", "orelse", "finalbody"):
        if block == "body" and isinstance(node, ast.If) and _is_for_type_checkers(node.test):
            continue
        for child in getattr(node, block, ()):
            if isinstance(child, ast.stmt):
                yield child
            yield from _running(child)


def _is_for_type_checkers(test: ast.expr) -> bool:
    """Whether a condition is `TYPE_CHECKING` or `typing.TYPE_CHECKING`."""
    name = test.attr if isinstance(test, ast.Attribute) else test
    return name == "TYPE_CHECKING" or (isinstance(name, ast.Name) and name.id == "TYPE_CHECKING")


def _origin(node: ast.ImportFrom, module: str, *, is_package: bool) -> str:
    """The absolute name of the module that a `from` import reads."""
    if not node.level:
        return node.module or ""
    parts = module.split(".")
    parts = parts[: len(parts) - node.level + (1 if is_package else 0)]
    return ".".join([*parts, *filter(None, [node.module])])


def _file(packages: Mapping[str, Path], module: str) -> Path | None:
    """The source file of a module, None when it is none of these packages."""
    package, *parts = module.split(".")
    if package not in packages:
        return None
    place = packages[package].joinpath(*parts)
    candidates = (place / "__init__.py", place.with_suffix(".py")) if parts else (place / "__init__.py",)
    return next((path for path in candidates if path.is_file()), None)


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_bytes(), filename=str(path))
