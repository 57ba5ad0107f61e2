"""The rules of SQL on tables that are distributed by tenant, read from the statements themselves.

A statement about one tenant says which: the cluster then sends it, whole, to the one machine that has everything of the tenant, where it
is answered in one snapshot as on a single machine. A statement about all tenants is sent to every machine; it reads one table at a time,
joins nothing and locks no rows.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

import sqlglot
from sqlglot import exp

TENANT = "tenant_id"

_VALUE = re.compile(r"%\(\w+\)s|%s")
_EXPLAIN = re.compile(r"^explain \([^)]*\) ", re.IGNORECASE)
_OTHER = re.compile(r"^(create|alter|drop|copy|listen|set|begin|rollback|truncate)\b", re.IGNORECASE)


def mentions(statement: str, tables: Collection[str]) -> bool:
    """Whether a statement, other than one that changes the schema, is about one of the tables."""
    text = statement.strip()
    return not _OTHER.match(text) and any(re.search(rf"\b{table}\b", text) for table in tables)


def violations(statement: str, tables: Collection[str], *, every_tenant: bool = False) -> list[str]:
    """What a statement does that a cluster cannot do, or not at once; `every_tenant` is for one that means all of them."""
    text = _VALUE.sub("$1", _EXPLAIN.sub("", statement.strip())).replace("%%", "%")
    tree = sqlglot.parse_one(text, dialect="postgres")
    problems = [f"changes {_target(node)} inside another statement" for node in _nested_changes(tree) if _target(node) in tables]
    for insert in tree.find_all(exp.Insert):
        if _target(insert) in tables:
            problems += _insert_problems(insert)
    for node in tree.find_all(exp.Select, exp.Update, exp.Delete):
        sources = _sources(node, tables)
        if every_tenant:
            problems += _broad_problems(node, sources)
        else:
            bound = _bound(node, sources)
            problems += [f"is about {table} and binds no {TENANT}" for alias, table in sources.items() if alias not in bound]
    return problems


def _target(node: exp.Expr) -> str:
    """The table that a statement changes."""
    table = node.this.find(exp.Table) if node.this is not None else None
    return table.name if table is not None else ""


def _nested_changes(tree: exp.Expr) -> Iterator[exp.Expr]:
    return (node for node in tree.find_all(exp.Insert, exp.Update, exp.Delete) if node is not tree)


def _insert_problems(node: exp.Insert) -> list[str]:
    columns = [column.name for column in node.this.expressions] if isinstance(node.this, exp.Schema) else []
    problems = [] if columns[:1] == [TENANT] else [f"inserts into {_target(node)} and does not name {TENANT} first"]
    conflict = node.args.get("conflict")
    keys = [key.name for key in conflict.args.get("conflict_keys") or ()] if conflict is not None else []
    return problems if not keys or keys[0] == TENANT else [*problems, f"its conflict in {_target(node)} does not begin with {TENANT}"]


def _sources(node: exp.Expr, tables: Collection[str]) -> dict[str, str]:
    """The distributed tables that a part of a statement reads or changes itself, by the name that it gives them."""
    found = [table for table in node.find_all(exp.Table) if _owner(table) is node]
    return {table.alias_or_name: table.name for table in found if table.name in tables}


def _owner(node: exp.Expr) -> exp.Expr | None:
    return node.find_ancestor(exp.Select, exp.Update, exp.Delete, exp.Insert)


def _bound(node: exp.Expr, sources: dict[str, str]) -> set[str]:
    """Which of the tables are narrowed to a tenant: by a value, or by another table or an outer statement that is."""
    conditions = [equal for equal in node.find_all(exp.EQ) if _owner(equal) is node and not equal.find_ancestor(exp.Or)]
    bound: set[str] = set()
    joined: list[tuple[str, str]] = []
    for condition in conditions:
        sides = condition.this, condition.expression
        for column, other in (sides, sides[::-1]):
            if isinstance(column, exp.Column) and column.name == TENANT:
                names = {column.table} if column.table else set(sources)
                if isinstance(other, exp.Column) and other.name == TENANT:
                    joined += [(name, other.table) for name in names]
                elif other.find(exp.Parameter, exp.Placeholder):
                    bound |= names
    for join in node.args.get("joins") or ():
        if any(getattr(key, "name", "") == TENANT for key in join.args.get("using") or ()):
            bound |= set(sources)
    for _ in joined:
        bound |= {name for name, other in joined if other in bound or other not in sources}
    return bound


def _broad_problems(node: exp.Expr, sources: dict[str, str]) -> list[str]:
    if not sources:
        return []
    problems = ["joins tables of several tenants"] if len(sources) > 1 or node.args.get("joins") else []
    return [*problems, "locks rows of every tenant"] if node.args.get("locks") else problems
