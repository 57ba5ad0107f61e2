"""Types as annotations write them, as the sets of values that they are: is one contained in another?"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

# What PEP 484 and the type checkers take for the other, beside what is a subclass.
_WIDER = {
    "bool": ("int", "float"),
    "int": ("float",),
    "datetime": ("date",),
    "list": ("Sequence",),
    "tuple": ("Sequence",),
    "dict": ("Mapping",),
}
# The same type under the name that a validator gives it.
_SPELLED = {"AwareDatetime": "datetime", "NaiveDatetime": "datetime", "List": "list", "Dict": "dict", "EmailStr": "str", "AnyUrl": "str"}
_ANYTHING = frozenset({"Any", "object"})


@dataclass(frozen=True, slots=True)
class Known:
    """One value, of a `Literal`."""

    type: str
    text: str


@dataclass(frozen=True, slots=True)
class Named:
    """A class, or a generic one with what it holds; each argument is a union."""

    name: str
    arguments: tuple[frozenset[Known | Named], ...] = ()


Union = frozenset[Known | Named]
NONE = Named("None")


@dataclass(frozen=True, slots=True)
class Names:
    """What the names of one client stand for: aliases by what they are written as, classes by their bases."""

    aliases: Mapping[str, str] = field(default_factory=dict[str, str])
    bases: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])

    def read(self, written: str, *, opaque: frozenset[str] = frozenset()) -> Union:
        """The alternatives of an annotation; names in `opaque` stand for themselves."""
        return frozenset(self._alternatives(ast.parse(written.strip(), mode="eval").body, opaque))

    def _alternatives(self, node: ast.expr, opaque: frozenset[str]) -> Iterator[Known | Named]:
        match node:
            case ast.BinOp(left=left, op=ast.BitOr(), right=right):
                yield from self._alternatives(left, opaque)
                yield from self._alternatives(right, opaque)
            case ast.Constant(value=None):
                yield NONE
            case ast.Constant(value=str() as text):
                yield from self.read(text, opaque=opaque)
            case ast.Name() | ast.Attribute():
                yield from self._name(ast.unparse(node).rpartition(".")[2], opaque)
            case ast.Subscript(value=ast.Name() | ast.Attribute() as value, slice=inside):
                yield from self._generic(ast.unparse(value).rpartition(".")[2], inside, opaque)
            case _:
                yield Named(ast.unparse(node))

    def _name(self, name: str, opaque: frozenset[str]) -> Iterator[Known | Named]:
        if name in self.aliases and name not in opaque:
            # An alias of itself ends where it is met again.
            yield from self.read(self.aliases[name], opaque=opaque | {name})
        else:
            yield Named(_SPELLED.get(name, name))

    def _generic(self, name: str, inside: ast.expr, opaque: frozenset[str]) -> Iterator[Known | Named]:
        parts = inside.elts if isinstance(inside, ast.Tuple) else [inside]
        if name in ("Annotated", "Required", "NotRequired", "Final"):
            yield from self._alternatives(parts[0], opaque)
        elif name in ("Union", "Optional"):
            for part in parts:
                yield from self._alternatives(part, opaque)
            if name == "Optional":
                yield NONE
        elif name == "Literal":
            for part in parts:
                value = ast.literal_eval(part)
                yield NONE if value is None else Known(type(value).__name__, repr(value))
        else:
            yield Named(_SPELLED.get(name, name), tuple(frozenset(self._alternatives(part, opaque)) for part in parts))

    def contains(self, larger: Union, smaller: Union) -> bool:
        """Whether every value of the smaller type is one of the larger."""
        return all(any(self._takes(option, other) for option in larger) for other in smaller)

    def _takes(self, larger: Known | Named, smaller: Known | Named) -> bool:
        if larger == smaller:
            return True
        if isinstance(larger, Known):
            return False
        if larger.name in _ANYTHING:
            return True
        if isinstance(smaller, Known):
            return not larger.arguments and larger.name in (smaller.type, *_WIDER.get(smaller.type, ()))
        if larger.name != smaller.name and larger.name not in self._wider(smaller.name):
            return False
        if not larger.arguments:
            return True
        return len(larger.arguments) == len(smaller.arguments) and all(
            self.contains(argument, other) for argument, other in zip(larger.arguments, smaller.arguments, strict=True)
        )

    def _wider(self, name: str) -> Iterator[str]:
        waiting, seen = [name], {name}
        while waiting:
            for base in (*_WIDER.get(waiting[0], ()), *self.bases.get(waiting[0], ())):
                if base not in seen:
                    seen.add(base)
                    waiting.append(base)
                    yield base
            waiting.pop(0)


def known(union: Union) -> frozenset[Known]:
    """The values that a type lists."""
    return frozenset(part for part in union if isinstance(part, Known))


def words(written: str) -> frozenset[str]:
    """Every name that an annotation speaks of."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(written.strip(), mode="eval")):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name):
                found.add(name)
            case ast.Constant(value=str() as text) if text.isidentifier():
                found.add(text)
            case _:
                pass
    return frozenset(found)
