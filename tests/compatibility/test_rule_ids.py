"""Rule ids are for ever, and each is really reported: by its own function, or by a walk that names it."""

from __future__ import annotations

import ast
import inspect
from functools import cache
from pathlib import Path

import assay_compatibility
import pytest
from assay_compatibility.classes import Direction, Effect
from assay_compatibility.client.rules import SOURCE_RULES
from assay_compatibility.rules import RULES
from assay_compatibility.rules.model import reported_by_walk, rules_of

IDS = Path(__file__).parent / "rule_ids.txt"
PACKAGE = Path(inspect.getfile(assay_compatibility)).parent


@cache
def names_in(folder: Path) -> frozenset[str]:
    """Every string that the modules outside `rules` write, the parts of f-strings among them."""
    paths = [path for path in folder.rglob("*.py") if "rules" not in (path.stem, path.parent.name)]
    nodes = [node for path in paths for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))]
    return frozenset(node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))


def named(id: str, folder: Path) -> bool:
    """Whether a module names the id, whole or as the beginning or the end of an f-string."""
    written = names_in(folder)
    parts = [part for part in written if len(part) > 4 and (part.endswith("-") or part.startswith("-"))]
    return id in written or any(id.startswith(part) if part.endswith("-") else id.endswith(part) for part in parts)


def test_no_rule_id_is_lost_or_renamed() -> None:
    """An id that a release had stays; a new rule is added to the list."""
    assert IDS.read_text(encoding="utf-8").splitlines() == sorted([*RULES, *SOURCE_RULES])


@pytest.mark.parametrize("id", sorted(id for id, rule in RULES.items() if rule.find is None))
def test_a_rule_without_a_function_is_named_by_a_walk(id: str) -> None:
    """A walk reports it by its id; that it really does is what its cases prove."""
    assert named(id, PACKAGE)


@pytest.mark.parametrize("id", sorted(SOURCE_RULES))
def test_a_rule_of_the_client_axis_is_named_by_its_comparison(id: str) -> None:
    """The comparison of generated packages reports it by its id."""
    assert named(id, PACKAGE / "client")


def test_an_area_lists_only_rules_that_find_changes_themselves() -> None:
    """A rule that a walk reports finds nothing when it is given a pair."""
    assert [rule.id for area in {rule.area for rule in RULES.values()} for rule in rules_of(area) if rule.find is None] == []
    assert tuple(RULES["path-removed"].changes(None)) == ()


def test_two_rules_never_share_an_id() -> None:
    """A second rule of an id is rejected, whoever reports it."""
    with pytest.raises(ValueError, match="path-removed"):
        reported_by_walk("path-removed", "path", Effect.BREAKS, "A path was removed.", directions=(Direction.BOTH,))
