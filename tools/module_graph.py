"""Which of our modules import which, read from their source: at the top and inside functions, but not for type checkers alone."""

from __future__ import annotations

from pathlib import Path

from assay_conformance.import_graph import ImportedName, imports_of

Graph = dict[str, set[str]]
"""Of each module, the modules that it imports."""


def import_graph(*folders: Path) -> Graph:
    """The graph of every module below these folders, each the parent of packages."""
    sources = {_module_name(path.relative_to(folder)): path for folder in folders for path in folder.rglob("*.py")}
    return {
        module: {target for name in imports_of(path, module) if (target := _known(name, sources)) not in (None, module)}
        for module, path in sources.items()
    }


def cycles(graph: Graph) -> list[tuple[str, ...]]:
    """Every set of modules that import one another in a circle, sorted."""
    reached = {module: _reachable(graph, module) for module in graph}
    in_a_circle = [module for module in graph if module in reached[module]]
    circles = {tuple(sorted(other for other in reached[module] if module in reached[other])) for module in in_a_circle}
    return sorted(circles)


def _reachable(graph: Graph, start: str) -> set[str]:
    reached: set[str] = set()
    waiting = list(graph[start])
    while waiting:
        module = waiting.pop()
        if module not in reached:
            reached.add(module)
            waiting.extend(graph[module])
    return reached


def _module_name(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _known(imported: ImportedName, sources: dict[str, Path]) -> str | None:
    """The module of an imported name: itself, or the one that defines it; None for the libraries of others."""
    submodule = f"{imported.module}.{imported.name}"
    return submodule if submodule in sources else imported.module if imported.module in sources else None
