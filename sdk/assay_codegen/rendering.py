"""The templates, and the few words of Python that they are too blunt for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, cast

from jinja2 import Environment, PackageLoader, StrictUndefined

from assay_codegen.errors import NotGeneratable
from assay_codegen.views import Argument, ContractView, MessageView, StreamView

MODULES = ("__init__", "client", "contract", "errors", "feed", "operations")

# What a client module imports besides its models.
_RUNTIME = frozenset({"AsyncClient", "AsyncFeed", "AsyncPage", "Feed", "Page", "Sequence", "SyncClient"})


def render(contract: ContractView, header: str) -> dict[str, str]:
    """The modules that are written from templates, by file name."""
    decodes = [decode for each in contract.operations for decode in (each.decode, *(found for _, found in (*each.decodes, *each.failures)))]
    words: dict[str, Any] = {
        "adapted": any("TypeAdapter" in decode for decode in decodes),
        "anything": any(each.answer == "Any" or "Any |" in each.answer for each in contract.operations),
        "empties": "nothing" in decodes,
        "cursors": any(each.pages and each.pages.next for each in contract.operations),
        "offsets": any(each.pages and not each.pages.next for each in contract.operations),
        "client_imports": _client_imports(contract),
        "doors": _doors(contract),
        "exported": _exported(contract),
        "feed_models": _feed_models(contract),
        "feed_signature": _feed_signature,
        "has_required": any(field.required for shape in contract.shapes for field in shape.fields),
        "operation_models": _operation_models(contract),
    }
    environment = Environment(
        loader=PackageLoader("assay_codegen"),
        undefined=StrictUndefined,
        trim_blocks=False,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - Python is written here, not markup
    )
    filters: dict[str, Any] = {"literal": literal, "parameter": _parameter, "reading": _reading, "sentence": _sentence}
    environment.filters.update(filters)
    environment.globals.update(words)
    modules = [name for name in MODULES if name != "feed" or contract.streams]
    return {f"{name}.py": _tidied(environment.get_template(f"{name}.py.j2").render(contract=contract, header=header)) for name in modules}


def literal(value: Any) -> str:
    """A value as Python writes it, texts in double quotes."""
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    if isinstance(value, tuple):
        parts = cast("tuple[object, ...]", value)
        items = [literal(each) for each in parts]
        return f"({items[0]},)" if len(items) == 1 else f"({', '.join(items)})"
    return repr(value)


@dataclass(frozen=True, slots=True)
class ClientImports:
    """What the client module needs."""

    standard: tuple[str, ...]
    pages: bool
    feed: tuple[str, ...]
    models: tuple[str, ...]
    operations: tuple[str, ...]


def _client_imports(contract: ContractView) -> ClientImports:
    types = [each.type for each in contract.arguments]
    standard: list[str] = []
    if any("Sequence[" in each for each in types):
        standard.append("from collections.abc import Sequence")
    times = [name for name in ("date", "datetime") if any(re.search(rf"\b{name}\b", each) for each in types)]
    if times:
        standard.append(f"from datetime import {', '.join(times)}")
    told = [*types, *(each.answer for each in contract.operations), *(each.body.type for each in contract.operations if each.body)]
    names = [name for name in ("Any", "Literal") if any(re.search(rf"\b{name}\b", each) for each in told)]
    if names:
        standard.append(f"from typing import {', '.join(names)}")
    constants = [each.constant for each in contract.operations]
    constants += [f"{each.constant}_PAGES" for each in contract.operations if each.pages]
    answers = _answered(contract)
    answers |= {each.body.type for each in contract.operations if each.body} & set(contract.models)
    answers |= {name for each in contract.streams for name in (each.entity, each.resync.answer, each.changes.model)}
    answers |= {name for each in types for name in _models_in(each, contract)}
    hidden = answers & _RUNTIME
    if hidden:
        raise NotGeneratable(
            f"{contract.id}: schema {min(hidden)}",
            expected="a name that the client does not need itself",
            actual=f"one of {', '.join(sorted(_RUNTIME))}",
        )
    feed = [name for each in contract.streams for name in (each.constant, f"{each.title}Message")]
    return ClientImports(
        standard=tuple(standard),
        pages=any(each.pages for each in contract.operations),
        feed=tuple(sorted(feed)),
        models=tuple(sorted(answers)),
        operations=tuple(sorted([*constants, *(shape.name for shape in contract.shapes)])),
    )


def _operation_models(contract: ContractView) -> list[str]:
    names = _answered(contract)
    names |= {name for shape in contract.shapes for field in shape.fields for name in _models_in(field.type, contract)}
    names |= {name for each in contract.operations for _, reader in each.failures for name in _models_in(reader, contract)}
    return sorted(names)


def _answered(contract: ContractView) -> set[str]:
    """The models that operations answer with."""
    names = {name for each in contract.operations for name in each.models}
    return names | {each.pages.item for each in contract.operations if each.pages}


def _models_in(type_: str, contract: ContractView) -> set[str]:
    return set(re.findall(r"\w+", re.sub(r"'[^']*'|\"[^\"]*\"", "", type_))) & set(contract.models)


def _feed_models(contract: ContractView) -> list[str]:
    names = {message.model for stream in contract.streams for message in stream.messages}
    return sorted(names | {name for each in contract.streams for name in (each.entity, each.resync.answer, each.changes.model)})


def _doors(contract: ContractView) -> list[tuple[str, list[str]]]:
    doors = [
        ("client", sorted([f"Async{contract.client}", contract.client])),
        ("contract", ["CONTRACT"]),
        ("errors", sorted([each.name for each in contract.errors] + [name for _, name in contract.own_categories])),
    ]
    if contract.streams:
        feed = [f"{each.title}{suffix}" for each in contract.streams for suffix in ("Event", "Message")]
        doors.append(("feed", sorted(feed)))
    doors.append(("models", list(contract.models)))
    if contract.shapes:
        doors.append(("operations", sorted(shape.name for shape in contract.shapes)))
    return [(module, names) for module, names in doors if names]


def _exported(contract: ContractView) -> list[str]:
    names = [name for _, exported in _doors(contract) for name in exported]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise NotGeneratable(contract.id, expected="each name once among models, errors and feeds", actual=f"{', '.join(twice)} twice")
    return sorted(names)


def _feed_signature(stream: StreamView) -> str:
    arguments = [
        f"{each.name}: {each.type}" + ("" if each.required else " | None = None")
        for each in sorted(stream.arguments, key=lambda each: not each.required)
    ]
    return ", ".join(["self", *arguments])


def _parameter(argument: Argument) -> str:
    parts = [literal(argument.wire), literal(argument.name)]
    if argument.location != "query":
        parts.append(f"location={literal(argument.location)}")
    if argument.style != "form":
        parts.append(f"style={literal(argument.style)}")
    if not argument.explode:
        parts.append("explode=False")
    if argument.shape is not None:
        fields = ", ".join(f"{literal(each.name)}: {literal(each.wire)}" for each in argument.shape.fields)
        parts.append(f"fields={{{fields}}}")
    return f"Parameter({', '.join(parts)})"


def _reading(message: MessageView) -> str:
    facts = (
        ("sequence", message.sequence),
        ("tenant", message.tenant),
        ("version", message.version),
        ("entities", message.entities),
    )
    stated = "".join(f", {name}={expression}" for name, expression in facts if expression)
    return f"Reading({literal(message.kind)}{stated})"


def _sentence(text: str) -> str:
    text = " ".join(text.split()).replace("\\", "\\\\").replace('"""', "'''")
    return text if text.endswith((".", "!", "?")) else text + "."


def _tidied(source: str) -> str:
    """Blank lines as a formatter leaves them."""
    lines = [line.rstrip() for line in source.strip().split("\n")]
    text = re.sub(r"\n{4,}", "\n\n\n", "\n".join(lines)) + "\n"
    text = re.sub(r"\n{2,}(?=(?:class|def|async def) )", "\n\n\n", text)
    return re.sub(r"\n{3,}(?=from )", "\n\n", text)
