"""The reference of the client's runtime, docs/reference/runtime.md, from the docstrings of `assay_sdk`.

python tools/runtime_reference.py [--check]
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import griffe

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "reference" / "runtime.md"
PACKAGE = "assay_sdk"
# What every generated client is comes first; the door of the package does not list it.
CLIENTS = ("client.SyncClient", "client.AsyncClient")
LONGEST = 120
SECTIONS = {
    "Calls": ("settings", "retry", "servers", "views", "exchanges"),
    "Models": ("model",),
    "Lists": ("pages",),
    "Feeds": ("feed", "events"),
    "Credentials": ("oauth",),
    "Errors": ("errors",),
    "Transports": ("transport", "over_httpx"),
    "What happens inside": ("telemetry", "hooks", "clocks"),
}
HEAD = f"""# The runtime of generated clients

What `{PACKAGE}` exports, from its docstrings; `python tools/runtime_reference.py` writes this page.
[I call an API](../guide/call-an-api.md) shows how the parts work together; [assay generate](generate.md) says what a client adds to them.
"""


def page() -> str:
    """The whole page."""
    package = griffe.load(PACKAGE, search_paths=[ROOT / "sdk"], allow_inspection=False)
    if not isinstance(package, griffe.Module):
        raise TypeError(f"{PACKAGE} is no package")
    parts = [HEAD, "## Clients\n", *(_entry(_target(package, path)) for path in CLIENTS)]
    exported = exports(package)
    placed = {home for homes in SECTIONS.values() for home in homes}
    if homeless := sorted(name for name, place in exported.items() if place.partition(".")[0] not in placed):
        raise LookupError(f"SECTIONS places {', '.join(homeless)} nowhere")
    for title, homes in SECTIONS.items():
        names = [name for home in homes for name, place in exported.items() if place.partition(".")[0] == home]
        parts += [f"## {title}\n", *(_entry(_target(package, f"{exported[name]}.{name}")) for name in names)]
    return "\n".join(parts)


def exports(package: griffe.Module) -> dict[str, str]:
    """The exported names, each with the module that it is imported from; generated clients are left out."""
    names = sorted(package.exports or (), key=str)
    homes = {name: alias.target_path.rpartition(".")[0] for name, alias in package.members.items() if isinstance(alias, griffe.Alias)}
    found = {str(name): homes[str(name)].removeprefix(f"{PACKAGE}.") for name in names}
    return {name: home for name, home in found.items() if not home.startswith("generated")}


def _target(package: griffe.Module, path: str) -> griffe.Object:
    found = package[path]
    return found.final_target if isinstance(found, griffe.Alias) else found


def _entry(item: griffe.Object) -> str:
    """A heading with the signature, the docstring, and what the members say."""
    lines = [f"### `{item.name}`\n", f"```python\n{_signature(item)}\n```\n"]
    if item.docstring:
        lines.append(f"{item.docstring.value}\n")
    lines += [line for member in _members(item) for line in _member(member)]
    return "\n".join(lines)


def _members(item: griffe.Object) -> Iterator[griffe.Object]:
    """The public members of a class that say what they are."""
    for name, member in item.members.items():
        if isinstance(member, griffe.Function | griffe.Attribute) and not name.startswith("_") and member.docstring:
            yield member


def _member(member: griffe.Object) -> Iterator[str]:
    signature = _signature(member) if isinstance(member, griffe.Function) else member.name
    words = member.docstring.value if member.docstring else ""
    first, *rest = words.split("\n")
    yield f"- `{signature}`: {first}"
    yield from (f"  {line}" if line else "" for line in rest)
    yield ""


def _signature(item: griffe.Object) -> str:
    if isinstance(item, griffe.Attribute):
        return f"{item.name}{f': {item.annotation}' if item.annotation else ''} = {item.value}"
    if isinstance(item, griffe.Class) and (fields := _fields(item)):
        return f"class {item.name}({', '.join(str(base) for base in item.bases)}):\n{fields}"
    if not isinstance(item, griffe.Class | griffe.Function):
        raise TypeError(f"{item.path} is neither a class nor a function")
    parameters = list(_parameters(item))
    signature = f"{item.name}({', '.join(parameters)})"
    if isinstance(item, griffe.Class) and len(signature) > LONGEST:
        signature = "\n    ".join([f"{item.name}(", *(f"{parameter}," for parameter in parameters)]) + "\n)"
    return f"{signature} -> {item.returns}" if isinstance(item, griffe.Function) and item.returns else signature


def _fields(item: griffe.Class) -> str:
    """The keys of a dictionary, which has no signature."""
    if "TypedDict" not in [str(base) for base in item.bases]:
        return ""
    return "\n".join(f"    {name}: {key.annotation}" for name, key in item.members.items() if isinstance(key, griffe.Attribute))


def _parameters(item: griffe.Class | griffe.Function) -> Iterator[str]:
    keyword = False
    for parameter in item.parameters:
        if parameter.name == "self" or parameter.name.startswith("_"):
            continue
        kind = parameter.kind
        if kind is griffe.ParameterKind.keyword_only and not keyword:
            keyword = True
            yield "*"
        star = {griffe.ParameterKind.var_positional: "*", griffe.ParameterKind.var_keyword: "**"}.get(
            kind or griffe.ParameterKind.keyword_only, ""
        )
        keyword = keyword or star == "*"
        typed = f": {parameter.annotation}" if parameter.annotation else ""
        default = f" = {parameter.default}" if parameter.default is not None and not star else ""
        yield f"{star}{parameter.name}{typed}{default}"


def main() -> int:
    """Write the page, or say that it is not current."""
    text = page()
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(text, encoding="utf-8")
        return 0
    current = PAGE.is_file() and PAGE.read_text(encoding="utf-8") == text
    if not current:
        print(f"{PAGE.relative_to(ROOT)} is not what the docstrings give; run: python tools/runtime_reference.py")
    return 0 if current else 1


if __name__ == "__main__":
    sys.exit(main())
