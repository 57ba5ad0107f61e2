"""The graph of our modules: it runs one way, module by module."""

from __future__ import annotations

from pathlib import Path

from module_graph import Graph, cycles, import_graph

ROOT = Path(__file__).parents[2]
ROOMS = [ROOT / room for room in ("sdk", "reference_server", "conformance", "release", "tools")]


def graph_of(folder: Path, **sources: str) -> Graph:
    """The graph of a package `app` with these modules."""
    (folder / "app").mkdir()
    for name, source in {"__init__": "", **sources}.items():
        (folder / "app" / f"{name}.py").write_text(source, encoding="utf-8")
    return import_graph(folder)


def test_no_module_imports_itself_through_others() -> None:
    """Nothing can be understood, moved or tested alone that needs what needs it."""

    assert cycles(import_graph(*ROOMS)) == []


def test_every_way_to_import_is_read(tmp_path: Path) -> None:
    """By name, from a package, from a module and relatively; at the top and in a function."""
    graph = graph_of(
        tmp_path,
        a="import app.b",
        b="from app import c",
        c="def later():\n    from app.d import Name",
        d="from . import e\nfrom .f import Name",
        e="import os.path",
        f="",
    )

    assert graph == {
        "app": set(),
        "app.a": {"app.b"},
        "app.b": {"app.c"},
        "app.c": {"app.d"},
        "app.d": {"app.e", "app.f"},
        "app.e": set(),
        "app.f": set(),
    }


def test_a_circle_through_a_function_is_one(tmp_path: Path) -> None:
    """Importing later hides a circle from the interpreter, not from the reader."""
    graph = graph_of(tmp_path, a="from app.b import Name", b="def later():\n    from app.a import name", c="import app.a")

    assert cycles(graph) == [("app.a", "app.b")]


def test_an_import_for_type_checkers_is_no_arrow(tmp_path: Path) -> None:
    """It is never run; what stands beside it is."""
    guarded = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from app.a import Name\nelse:\n    from app.c import Name"
    graph = graph_of(tmp_path, a="import app.b", b=guarded, c="")

    assert (graph["app.b"], cycles(graph)) == ({"app.c"}, [])
