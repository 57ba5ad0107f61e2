"""Names of the contract as names of Python."""

from __future__ import annotations

import itertools
import keyword
import re
import sys
import unicodedata
from collections.abc import Container, Iterable
from functools import lru_cache

from assay_contracts import pointers

_CLASS = re.compile(r"[A-Z][A-Za-z0-9]*")
# What the modules of models and operations import; a schema of that name would hide it.
_NEEDED = frozenset(
    {
        *("Annotated", "Any", "AwareDatetime", "BaseModel", "ConfigDict", "Field", "Final", "Literal", "Model", "OffsetPagination"),
        *("Operation", "Pagination", "Parameter", "Required", "RootModel", "TypeAdapter", "TypeAliasType", "TypedDict"),
        *("FileContent", "Mapping", "Sequence", "STRICT", "BY_TAG", "UnknownTag", "Upload", "CONTRACT", "Server", "Variable"),
    }
)
_LIBRARIES = frozenset({"aiohttp", "assay_sdk", "httpx", "httpx2", "opentelemetry", "pydantic", "typing_extensions", "websockets"})
# What the clients of the runtime have themselves: an operation of that name gets another.
RUNTIME_METHODS = frozenset({"close", "contract", "with_options", "with_response", "with_stream"})
# A letter that is no ASCII is one of Python's names as well.
_LOWER = r"[^\W\d_A-Z]"
_WORDS = re.compile(rf"[A-Z]+(?=[A-Z]{_LOWER})|[A-Z]?{_LOWER}+[0-9]*|[A-Z]+[0-9]*|[0-9]+")

# A large document asks for few names many times.
_NAMES_KEPT = 8192


@lru_cache(maxsize=_NAMES_KEPT)
def snake(name: str) -> str:
    """`pageSize` as `page_size`; a keyword such as `from` as `from_`; `field` where nothing of it can be a name."""
    found = "_".join(word.lower() for word in _WORDS.findall(unicodedata.normalize("NFKC", name))) or "field"
    if found[0].isdigit():
        found = f"field_{found}"
    return f"{found}_" if keyword.iskeyword(found) else found


@lru_cache(maxsize=_NAMES_KEPT)
def pascal(name: str) -> str:
    """`listFailures` and `INVALID_WINDOW` as `ListFailures` and `InvalidWindow`."""
    return "".join(word[0].upper() + word[1:].lower() for word in _WORDS.findall(name))


def class_name(name: str) -> str:
    """The name of a schema as that of a class: `Widget_Polymorphic` as `WidgetPolymorphic`; never one that the modules need themselves."""
    words = re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", name))
    found = name if _CLASS.fullmatch(name) else "".join(word[0].upper() + word[1:] for word in words)
    if not found.isidentifier():
        found = f"Model{found}"
    return f"{found}Model" if found in _NEEDED or keyword.iskeyword(found) else found


def package_name(name: str) -> str:
    """The name of a contract as that of a package: one that can be imported, and hides no module of Python or of the client's own needs.

    >>> package_name("todo-list"), package_name("calendar"), package_name("3d")
    ('todo_list', 'calendar_client', 'api_3d')
    """
    found = "_".join(re.findall(r"[a-z0-9]+", name.lower())) or "api"
    found = f"api_{found}" if found[0].isdigit() else found
    return f"{found}_client" if found in sys.stdlib_module_names | _LIBRARIES or keyword.iskeyword(found) else found


def constant(name: str) -> str:
    """`listFailures` as `LIST_FAILURES`."""
    return snake(name).rstrip("_").upper()


def steps(pointer: str) -> tuple[str, ...]:
    """The steps of a JSON pointer."""
    return pointers.split(pointer)


def attribute(subject: str, pointer: str) -> str:
    """A pointer into a payload as the attribute of its model."""
    return ".".join([subject, *(snake(step) for step in steps(pointer))])


class Allocator:
    """Gives each name once; a name that is taken gets the next free number behind it."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = set(taken)

    def take(self, wanted: str, between: str = "", avoid: Container[str] = ()) -> str:
        """The name, or the first free one made from it: `name2`, with `between` as `name_2`; none of `avoid`."""
        candidates = itertools.chain((wanted,), (f"{wanted}{between}{count}" for count in itertools.count(2)))
        name = next(candidate for candidate in candidates if candidate not in self._taken and candidate not in avoid)
        self._taken.add(name)
        return name

    def give_back(self, names: Iterable[str]) -> None:
        """Let names be given again."""
        self._taken.difference_update(names)

    @property
    def taken(self) -> frozenset[str]:
        """Every name that is given."""
        return frozenset(self._taken)

    def __contains__(self, name: str) -> bool:
        return name in self._taken
