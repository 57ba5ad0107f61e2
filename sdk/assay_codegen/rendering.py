"""The templates, and the few words of Python that they are too blunt for."""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

from jinja2 import Environment, PackageLoader, StrictUndefined

from assay_codegen.media import EncodingView
from assay_codegen.views import Argument, BodyView, ContractView, MessageView, OperationView, ServerView, StreamView

MODULES = ("__init__", "channels", "client", "contract", "errors", "feed", "groups", "operations")

# What a client module imports of the runtime: a model or client of that name makes it come under another.
_RUNTIME = ("AsyncClient", "AsyncFeed", "AsyncPage", "Feed", "Page", "SyncClient", "follow", "follow_blocking", "open_page")


def render(contract: ContractView, header: str, *, apart: bool = False) -> dict[str, str]:
    """The modules that are written from templates, by file name; models that are `apart` load with the call that reads them."""
    taken = {*contract.models, contract.client, f"Async{contract.client}"}
    words: dict[str, Any] = {
        "apart": apart,
        "channel_models": _channel_models(contract),
        "channel_words": {
            "any": any(not channel.receives or "Any" in channel.receives for channel in contract.channels),
            "never": any(not channel.sends for channel in contract.channels),
            "parameters": any(channel.arguments for channel in contract.channels),
            "strict": any(not channel.single for channel in contract.channels),
        },
        "bodies": _body_imports(contract),
        "client_imports": _client_imports(contract),
        "cursors": any(operation.pages and operation.pages.next for operation in contract.operations),
        "doors": _doors(contract),
        "exported": _exported(contract),
        "feed_models": _feed_models(contract),
        "feed_signature": _feed_signature,
        "offsets": any(operation.pages and not operation.pages.next for operation in contract.operations),
        "operation_imports": _operation_imports(contract, apart=apart),
        "operation_models": _typed_models(contract) if apart else _operation_models(contract),
        "models_read": bool(_operation_models(contract)),
        "payloads": _payload_imports(contract),
        "runtime": {name: f"_{name}" if name in taken else name for name in _RUNTIME},
    }
    environment = Environment(
        loader=PackageLoader("assay_codegen"),
        undefined=StrictUndefined,
        trim_blocks=False,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - Python is written here, not markup
    )
    filters: dict[str, Any] = {
        "body_format": _body_format,
        "literal": literal,
        "literal_names": _literal_names,
        "parameter": _parameter,
        "reader": partial(_reader, models=contract.model_names) if apart else str,
        "reading": _reading,
        "sentence": _sentence,
        "server": _server,
    }
    environment.filters.update(filters)
    environment.globals.update(words)
    left = {"feed"} if not contract.streams else set[str]()
    left |= {"channels"} if not contract.channels else set()
    left |= {"groups"} if not contract.groups else set()
    modules = [name for name in MODULES if name not in left]
    return {f"{name}.py": _tidied(environment.get_template(f"{name}.py.j2").render(contract=contract, header=header)) for name in modules}


def literal(value: Any) -> str:
    """A value as Python writes it, texts in double quotes."""
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    if isinstance(value, tuple):
        parts = cast("tuple[object, ...]", value)
        items = [literal(part) for part in parts]
        return f"({items[0]},)" if len(items) == 1 else f"({', '.join(items)})"
    return repr(value)


@dataclass(frozen=True, slots=True)
class ClientImports:
    """What the client module needs."""

    standard: tuple[str, ...]
    pages: bool
    feed: tuple[str, ...]
    models: tuple[str, ...]
    shapes: tuple[str, ...]


def _client_imports(contract: ContractView) -> ClientImports:
    types = [argument.type for argument in contract.arguments]
    types += [operation.body.type for operation in contract.operations if operation.body]
    types += [operation.answer for operation in contract.operations]
    models = {name for kind in types for name in _models_in(kind, contract)} | _answered(contract)
    models |= {name for stream in contract.streams for name in (stream.entity, stream.resync.answer, stream.changes.model)}
    return ClientImports(
        standard=_standard_imports(types),
        pages=any(operation.pages for operation in contract.operations),
        feed=tuple(sorted(name for stream in contract.streams for name in (stream.constant, f"{stream.title}Message"))),
        models=tuple(sorted(models)),
        shapes=tuple(sorted({shape.name for shape in contract.shapes})),
    )


def _standard_imports(types: list[str]) -> tuple[str, ...]:
    """The lines that import what types are made of."""
    homes = (
        ("collections.abc", ("Mapping", "Sequence")),
        ("datetime", ("date", "datetime", "time", "timedelta")),
        ("decimal", ("Decimal",)),
        ("ipaddress", ("IPv4Address", "IPv6Address")),
        ("typing", ("Any", "Literal")),
        ("uuid", ("UUID",)),
    )
    text = " ".join(re.sub(r"'[^']*'|\"[^\"]*\"", "", type_) for type_ in types)
    used = set(re.findall(r"\w+", text))
    return tuple(f"from {home} import {', '.join(found)}" for home, names in homes if (found := [name for name in names if name in used]))


def _operation_imports(contract: ContractView, *, apart: bool) -> tuple[str, ...]:
    types = [field.type for shape in contract.shapes for field in shape.fields] + [operation.answer for operation in contract.operations]
    typing = ["Final"] if contract.operations else []
    if apart and _typed_models(contract):
        typing.append("TYPE_CHECKING")
    if any(field.required for shape in contract.shapes for field in shape.fields):
        typing.append("Required")
    if contract.shapes:
        typing.append("TypedDict")
    lines = [line for line in _standard_imports(types) if not line.startswith("from typing")]
    named = [line for line in _standard_imports(types) if line.startswith("from typing")]
    typing = sorted({*typing, *(name for line in named for name in line.partition(" import ")[2].split(", "))})
    return tuple(sorted([*lines, *([f"from typing import {', '.join(typing)}"] if typing else [])]))


def _payload_imports(contract: ContractView) -> tuple[str, ...]:
    found = [decode for operation in contract.operations for decode in _decodes(operation)]
    names = {word for word in ("anything", "nothing", "text") if word in found}
    return tuple(sorted(names | ({"adapted"} if any("TypeAdapter" in decode for decode in found) else set())))


def _decodes(operation: OperationView) -> list[str]:
    return [operation.decode, *(reply.decode for reply in (*operation.decodes, *operation.failures))]


def _body_imports(contract: ContractView) -> tuple[str, ...]:
    bodies = [operation.body for operation in contract.operations if operation.body and _needs_format(operation.body)]
    names = ["BodyFormat"] if bodies else []
    return (*names, "Encoding") if any(body.encodings for body in bodies) else tuple(names)


def _needs_format(body: BodyView) -> bool:
    return bool(body.encodings or body.files or body.omit)


def _body_format(body: BodyView) -> str:
    """The declaration of how a body is written, empty for one that its media type says all of."""
    if not _needs_format(body):
        return ""
    parts = [literal(body.media)]
    if body.encodings:
        formats = ", ".join(f"{literal(encoding.name)}: {_encoding(encoding)}" for encoding in body.encodings)
        parts.append(f"encodings={{{formats}}}")
    if body.files:
        parts.append(f"files=frozenset({{{', '.join(map(literal, body.files))}}})")
    if body.omit:
        parts.append(f"omit={literal(body.omit)}")
    return f"BodyFormat({', '.join(parts)})"


def _encoding(encoding: EncodingView) -> str:
    parts = [f"media={literal(encoding.media)}"] if encoding.media else []
    if encoding.style != "form":
        parts.append(f"style={literal(encoding.style)}")
    if not encoding.explode:
        parts.append("explode=False")
    return f"Encoding({', '.join(parts)})"


def _operation_models(contract: ContractView) -> list[str]:
    names = _answered(contract)
    types = [field.type for shape in contract.shapes for field in shape.fields]
    types += [decode for operation in contract.operations for decode in _decodes(operation)] + [
        operation.answer for operation in contract.operations
    ]
    names |= {name for type_ in types for name in _models_in(type_, contract)}
    return sorted(names)


def _typed_models(contract: ContractView) -> list[str]:
    """The models that the types of operations name, where readers look theirs up when they are called."""
    types = [field.type for shape in contract.shapes for field in shape.fields]
    types += [operation.answer for operation in contract.operations]
    types += [operation.pages.item for operation in contract.operations if operation.pages]
    types += [name for operation in contract.operations if operation.job for name in (operation.job.type, operation.job.result_type)]
    return sorted({name for type_ in types for name in _models_in(type_, contract)})


def _answered(contract: ContractView) -> set[str]:
    """The models that operations return."""
    names = {name for operation in contract.operations for name in operation.models}
    return names | {operation.pages.item for operation in contract.operations if operation.pages}


def _models_in(type_: str, contract: ContractView) -> set[str]:
    return {name for name in re.findall(r"\w+", re.sub(r"'[^']*'|\"[^\"]*\"", "", type_)) if name in contract.model_names}


def _channel_models(contract: ContractView) -> list[str]:
    types = [type_ for channel in contract.channels for type_ in (*channel.receives, *channel.sends)]
    return sorted({name for type_ in types for name in _models_in(type_, contract)})


def _feed_models(contract: ContractView) -> list[str]:
    names = {message.model for stream in contract.streams for message in stream.messages}
    return sorted(names | {name for stream in contract.streams for name in (stream.entity, stream.resync.answer, stream.changes.model)})


def _doors(contract: ContractView) -> list[tuple[str, list[str]]]:
    doors = [
        ("client", sorted([f"Async{contract.client}", contract.client])),
        ("contract", ["CONTRACT"]),
        ("errors", sorted([error.name for error in contract.errors] + [name for _, name in contract.own_categories])),
    ]
    if contract.streams:
        feed = [f"{stream.title}{suffix}" for stream in contract.streams for suffix in ("Event", "Message")]
        doors.append(("feed", sorted(feed)))
    if contract.channels:
        doors.append(("channels", sorted(f"{channel.title}{suffix}" for channel in contract.channels for suffix in ("Received", "Sent"))))
    doors.append(("models", list(contract.models)))
    if contract.shapes:
        doors.append(("operations", sorted(shape.name for shape in contract.shapes)))
    return [(module, names) for module, names in doors if names]


def _exported(contract: ContractView) -> list[str]:
    names = [name for _, exported in _doors(contract) for name in exported]
    return sorted(set(names))


def _feed_signature(stream: StreamView) -> str:
    arguments = [
        f"{argument.name}: {argument.type}" + ("" if argument.required else " | None = None")
        for argument in sorted(stream.arguments, key=lambda argument: not argument.required)
    ]
    return ", ".join(["self", *arguments])


def _literal_names(names: list[str]) -> str:
    return literal(tuple(names))


def _parameter(argument: Argument) -> str:
    parts = [literal(argument.wire), literal(argument.name)]
    if argument.location != "query":
        parts.append(f"location={literal(argument.location)}")
    if argument.style != "form":
        parts.append(f"style={literal(argument.style)}")
    if not argument.explode:
        parts.append("explode=False")
    if argument.shape is not None:
        fields = ", ".join(f"{literal(field.name)}: {literal(field.wire)}" for field in argument.shape.fields)
        parts.append(f"fields={{{fields}}}")
        if argument.shape.extra:
            parts.append("extra=True")
    if argument.media:
        parts.append(f"media={literal(argument.media)}")
    if argument.allow_reserved:
        parts.append("allow_reserved=True")
    return f"Parameter({', '.join(parts)})"


def _reader(decode: str, models: Container[str]) -> str:
    """A reader that looks a model up when it is called."""
    found = re.sub(r"\w+", lambda word: f"_models.{word[0]}" if word[0] in models else word[0], decode)
    return f"lambda body: {found}(body)" if found.startswith("_models.") else found


def _reading(message: MessageView) -> str:
    facts = (
        ("sequence", message.sequence),
        ("tenant", message.tenant),
        ("version", message.version),
        ("entities", message.entities),
        ("epoch", message.epoch),
    )
    stated = "".join(f", {name}={expression}" for name, expression in facts if expression)
    return f"Reading({literal(message.kind)}{stated})"


def _server(server: ServerView) -> str:
    variables = ", ".join(
        f"{literal(name)}: Variable({literal(default)}{f', {literal(choices)}' if choices else ''})"
        for name, default, choices in server.variables
    )
    return f"Server({literal(server.url)}{f', {{{variables}}}' if variables else ''})"


def _sentence(text: str) -> str:
    text = " ".join(text.split()).replace("\\", "\\\\").replace('"""', "'''")
    return text if text.endswith((".", "!", "?")) else text + "."


def _tidied(source: str) -> str:
    """Blank lines as a formatter leaves them."""
    lines = [line.rstrip() for line in source.strip().split("\n")]
    text = re.sub(r"\n\n\n\n+", "\n\n\n", "\n".join(lines)) + "\n"
    # Two line ends written out are searched for much faster than `{2,}`.
    text = re.sub(r"\n\n\n*(?=(?:class|def|async def) )", "\n\n\n", text)
    return re.sub(r"\n\n\n+(?=from )", "\n\n", text)
