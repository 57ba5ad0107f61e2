"""What a module reaches is read from its source, through the names that packages re-export."""

from __future__ import annotations

from pathlib import Path

import pytest
from assay_conformance.import_graph import ImportGraph, reachable


def graph(folder: Path, files: dict[str, str], root: str) -> ImportGraph:
    """The graph of a package `shop` made of these files."""
    for name, source in files.items():
        path = folder / "shop" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
    return reachable({"shop": folder / "shop"}, [root])


@pytest.mark.parametrize(
    ("source", "reached"),
    [
        ("import shop.prices", {"shop.prices"}),
        ("from shop import prices", {"shop.prices"}),
        ("from . import prices", {"shop.prices"}),
        ("from .prices import LIST", {"shop.prices"}),
        ("from shop.prices import LIST", {"shop.prices"}),
        ("from shop import LIST", {"shop.prices"}),
        ("from shop.stock import Item", {"shop.stock.items"}),
        ("from shop.stock import SIZE", {"shop.stock"}),
        ("def later():\n    from shop import prices", {"shop.prices"}),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from shop import prices", set[str]()),
        ("import json\nfrom pathlib import Path", set[str]()),
    ],
)
def test_an_import_reaches_the_module_that_defines_the_name(tmp_path: Path, source: str, reached: set[str]) -> None:
    """A package that re-exports a name is not itself reached, and neither are its other modules."""
    files = {
        "__init__.py": "from shop.prices import LIST\nfrom shop.unused import NOTHING\n",
        "till.py": source,
        "prices.py": "LIST = ()\n",
        "unused.py": "NOTHING = None\n",
        "stock/__init__.py": "from .items import Item\nSIZE = 1\n" if "SIZE" not in source else "SIZE = 1\n",
        "stock/items.py": "class Item: ...\n",
    }

    found = graph(tmp_path, files, "shop.till")

    assert set(found.modules) == {"shop.till", *reached}


def test_a_circle_ends(tmp_path: Path) -> None:
    """Two modules that import one another are both reached."""
    files = {"__init__.py": "", "one.py": "import shop.two\n", "two.py": "import shop.one\n"}

    assert set(graph(tmp_path, files, "shop.one").modules) == {"shop.one", "shop.two"}


def test_a_root_that_is_missing_is_an_error(tmp_path: Path) -> None:
    """A digest never leaves a root out in silence."""
    with pytest.raises(FileNotFoundError, match=r"shop\.nowhere"):
        graph(tmp_path, {"__init__.py": ""}, "shop.nowhere")
