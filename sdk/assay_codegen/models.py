"""Models from schemas, by datamodel-code-generator: the one door to it, with the options that every model is made with."""

from __future__ import annotations

import gc
import json
import re
from collections.abc import Collection, Mapping
from contextlib import chdir
from functools import partial
from tempfile import TemporaryDirectory
from typing import Any

from datamodel_code_generator import Error, generate, get_version
from datamodel_code_generator.model.base import format_docstring

from assay_codegen.errors import NotGeneratable
from assay_codegen.model_source import MARKER, Source, Statement, imports_of, ordered, read_source
from assay_codegen.schema_parts import COMPONENTS, Parts, PlainObject, Property, take_apart
from assay_codegen.structure import UnknownVariant

# A dated preset never changes its meaning, so an upgrade of the generator changes no committed file by itself.
_OPTIONS: dict[str, Any] = {
    "preset": "standard-py311-20261027",
    "input_file_type": "openapi",
    "output_model_type": "pydantic_v2.BaseModel",
    "target_pydantic_version": "2.14",
    "formatters": ["builtin"],
    "base_class": "assay_sdk.model.Model",
    "use_annotated": True,
    "field_constraints": True,
    "enum_field_as_literal": "all",
    "use_type_alias": True,
    "collapse_root_models": False,
    "snake_case_field": True,
    "allow_population_by_field_name": False,
    "use_schema_description": True,
    "use_field_description": True,
    "use_single_line_docstring": True,
    "disable_timestamp": True,
}

_TAG = re.compile(r": (?:Annotated\[(str|int), |(str|int)\b)")
_NAMING = "AllModelsOfThisContract"
_PACK = "PropertiesOfThisContract"
_STAND_IN = "plain_objects"
_RUNTIME = {"Model": "assay_sdk.model:Model"}


def generator_version() -> str:
    """The version of the generator, which the record of a package names."""
    return get_version()


def write_models(document: dict[str, Any], variants: tuple[UnknownVariant, ...], header: str) -> str:
    """The source of a module with a model for each schema."""
    schemas = document["components"]["schemas"]
    if not schemas:
        return f'{header}\n"""The contract has no models."""\n'
    parts = take_apart(schemas, _STAND_IN)
    packs = {f"{_PACK}{number}": pack for number, pack in enumerate(parts.packs())}
    source = _generated(parts, packs, frozenset())
    numbers = {declared: number for pack in packs.values() for declared, number in pack.items()}
    plain = [_plain_class(name, found, source, numbers) for name, found in parts.plain.items()]
    statements = ordered([*plain, *source.statements])
    imports = {**_RUNTIME, **{name: home for name, home in source.imports.items() if not home.startswith(f"{_STAND_IN}:")}}
    body = "\n\n\n".join(statement.text for statement in statements)
    return _with_times(_with_tags(f"{header}\n\n{imports_of(statements, imports)}\n\n\n{body}", variants)).rstrip() + "\n"


def _generated(parts: Parts, packs: Mapping[str, Mapping[Property, int]], reserved: frozenset[str]) -> Source:
    """What the generator makes of the parts; none of the names that it makes up is that of a plain object."""
    if not parts.whole and not packs:
        return Source({}, {}, ())
    source = read_source(_without_permission(_generate(_document(parts, packs, reserved))), packs, _NAMING)
    taken = frozenset(statement.name for statement in source.statements if statement.name in parts.plain)
    return _generated(parts, packs, reserved | taken) if taken else source


def _generate(document: dict[str, Any]) -> str:
    collecting = gc.isenabled()
    try:
        # The generator keeps all it makes until the end: to look for garbage in between costs a quarter of the time.
        gc.disable()
        # It reads the formatting settings of the current folder, which are none of a client's.
        with TemporaryDirectory() as folder, chdir(folder):
            source = generate(json.dumps(document), custom_file_header="#", **_OPTIONS)
    except Error as error:
        raise NotGeneratable("models", expected="schemas that become Python types", actual=str(error)) from error
    except RecursionError:
        raise NotGeneratable(
            "models", expected="schemas that nest less deep", actual="too many levels", next_step="name inner schemas under components"
        ) from None
    finally:
        if collecting:
            gc.enable()
    if not isinstance(source, str):
        raise NotGeneratable("models", expected="schemas of one module", actual="names that make several")
    return source


def _document(parts: Parts, packs: Mapping[str, Mapping[Property, int]], reserved: Collection[str]) -> dict[str, Any]:
    """The document that the generator is given: whole schemas, packs of distinct properties, and in front a schema that refers
    to all whole ones, so that each has its name before one is made from a property.
    """
    named = {f"p{number}": {"$ref": COMPONENTS + name} for number, name in enumerate(parts.whole)}
    named |= {f"q{number}": {"customTypePath": f"{_STAND_IN}.{name}"} for number, name in enumerate(sorted(reserved))}
    schemas: dict[str, Any] = {_NAMING: {"type": "object", "properties": named}, **parts.whole}
    for name, pack in packs.items():
        properties = {each.name: {**json.loads(each.schema), "description": f"{MARKER}{number}"} for each, number in pack.items()}
        schemas[name] = {"type": "object", "properties": properties, "required": [each.name for each in pack if each.required]}
    return {"openapi": "3.1.0", "info": {"title": "models", "version": "1"}, "paths": {}, "components": {"schemas": schemas}}


def _plain_class(name: str, plain: PlainObject, source: Source, numbers: Mapping[Property, int]) -> Statement:
    """The class of a plain object, from the fields that the generator made of its properties."""
    lines = [f"class {name}(Model):"]
    if docstring := _docstring(plain.description):
        lines += [docstring, ""] if plain.properties else [docstring]
    elif not plain.properties:
        lines.append("    pass")
    uses: set[str] = set()
    for declared, description in plain.properties:
        found = source.fields[f"{MARKER}{numbers[declared]}"]
        uses |= found.uses
        lines += [found.text, docstring] if (docstring := _docstring(description)) else [found.text]
    return Statement(name, "\n".join(lines), frozenset(uses), frozenset({"Model"}))


def _docstring(description: str) -> str:
    text = format_docstring(description, 4, use_single_line_docstring=True)
    return f"    {text}" if text else ""


def _without_permission(source: str) -> str:
    """The source without the permission for types that are not pydantic's, which it asks for as it has not seen the plain objects."""
    source = re.sub(r"^    model_config = ConfigDict\(\n        arbitrary_types_allowed=True,\n    \)\n", "", source, flags=re.MULTILINE)
    return re.sub(r"^        arbitrary_types_allowed=True,\n", "", source, flags=re.MULTILINE)


def _with_tags(source: str, variants: tuple[UnknownVariant, ...]) -> str:
    """The models of unknown variants reject the tags that are known: those are some other model's."""
    for variant in variants:
        known = ", ".join(json.dumps(value, ensure_ascii=False) for value in variant.known)
        head, found, body = source.partition(f"class {variant.name}(Model):\n")
        field, _, rest = body.partition("\n\n\n")
        changed = _TAG.sub(partial(_guarded, known), field, count=1)
        source = head + found + changed + ("\n\n\n" + rest if rest else "")
    if not variants:
        return source
    return _importing(_importing(source, "assay_sdk.model", "UnknownTag"), "typing", "Annotated")


def _guarded(known: str, tag: re.Match[str]) -> str:
    return f": Annotated[{tag[1]}, UnknownTag({known}), " if tag[1] else f": Annotated[{tag[2]}, UnknownTag({known})]"


def _with_times(source: str) -> str:
    """Times of the runtime instead of pydantic's: they keep the string that they were read from."""
    if not re.search(r"\bAwareDatetime\b", source):
        return source
    source = re.sub(r"(from pydantic import [^\n]*?)\bAwareDatetime, ", r"\1", source)
    source = re.sub(r"(from pydantic import [^\n]*?), AwareDatetime\b", r"\1", source)
    source = re.sub(r"from pydantic import AwareDatetime\n", "", source)
    return _importing(source, "assay_sdk.times", "AwareDatetime")


def _importing(source: str, module: str, name: str) -> str:
    """A source that also imports a name of the runtime."""
    found = re.search(rf"^from {re.escape(module)} import ([^\n]+)$", source, re.MULTILINE)
    if found is not None:
        names = sorted({*found[1].split(", "), name})
        return source.replace(found[0], f"from {module} import {', '.join(names)}")
    return (
        source.replace("from assay_sdk.model import", f"from {module} import {name}\nfrom assay_sdk.model import", 1)
        if ("from assay_sdk.model import" in source)
        else re.sub(r"(from __future__ import annotations\n)", rf"\1\nfrom {module} import {name}\n", source, count=1)
    )
