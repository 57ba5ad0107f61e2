"""Models from schemas, by datamodel-code-generator: the one door to it, with the options that every model is made with."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Collection, Mapping, Sequence
from contextlib import chdir
from dataclasses import replace
from tempfile import TemporaryDirectory
from textwrap import dedent
from typing import Any

from datamodel_code_generator import Error, generate, get_version

from assay_codegen.errors import NotGeneratable
from assay_codegen.model_modules import modules_of
from assay_codegen.model_source import MARKER, Field, Source, Statement, imports_of, ordered, read_source
from assay_codegen.schema_nodes import COMPONENTS
from assay_codegen.schema_parts import PLACEHOLDER, VALUES, Declared, Parts, PlainObject, Property, anonymous, take_apart
from assay_codegen.structure import UnknownVariant

# A dated preset never changes its meaning, so an upgrade of the generator changes no committed file by itself.
_OPTIONS: dict[str, Any] = {
    "preset": "standard-py311-20261027",
    "input_file_type": "openapi",
    "output_model_type": "pydantic_v2.BaseModel",
    "target_pydantic_version": "2.14",
    "formatters": [],
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
NAMING = "AllModelsOfThisContract"
_CHOICE_SIZE = 1000
_PACK = "PropertiesOfThisContract"
_STAND_IN = "plain_objects"
# Times of the runtime keep the string that they were read from, which pydantic's do not.
_RUNTIME = {
    "Annotated": "typing:Annotated",
    "AwareDatetime": "assay_sdk.times:AwareDatetime",
    "BY_TAG": "assay_sdk.open_types:BY_TAG",
    "Model": "assay_sdk.model:Model",
    "TypeAliasType": "typing_extensions:TypeAliasType",
    "UnknownTag": "assay_sdk.open_types:UnknownTag",
}
# A quote at the end, unless it is escaped already, would end the docstring.
_OPEN_QUOTE = r'(?<!\\)((?:\\\\)*)"\Z'
_CLOSED_QUOTE = r'\1\\"'


def generator_version() -> str:
    """The version of the generator, which the record of a package names."""
    return get_version()


def write_models(document: dict[str, Any], variants: tuple[UnknownVariant, ...], header: str) -> dict[str, str]:
    """The modules with a model for each schema, by file name: `models.py`, and of a large document those that it opens."""
    schemas = document["components"]["schemas"]
    if not schemas:
        return {"models.py": f'{header}\n"""The contract has no models."""\n'}
    parts = take_apart(schemas, _STAND_IN)
    packs = {f"{_PACK}{number}": pack for number, pack in enumerate(parts.packs())}
    source = _generated(parts, packs, parts.likely_taken())
    numbers = {declared: number for pack in packs.values() for declared, number in pack.items()}
    plain = [_plain_class(name, found, source, numbers) for name, found in parts.plain.items()]
    aliases = [_alias(name, found, source, numbers) for name, found in parts.aliases.items()]
    tags = {variant.name: variant for variant in variants}
    statements = [
        _with_tag(statement, tags[statement.name]) if statement.name in tags else statement
        for statement in ordered(source.statements, [*plain, *aliases])
    ]
    statements = [_chosen_by_tag(statement, tags.keys()) for statement in statements]
    imports = {name: home for name, home in source.imports.items() if not home.startswith(f"{_STAND_IN}:")} | _RUNTIME
    modules = modules_of(statements)
    homes = {statement.name: f".{module}:{statement.name}" for module, statements in modules.items() for statement in statements}
    files: dict[str, str] = {}
    for module, own_statements in modules.items():
        own = {statement.name for statement in own_statements}
        uses = {name for statement in own_statements for name in statement.uses if name in homes and name not in own}
        others = {name: homes[name] for name in uses}
        body = "\n\n\n".join(statement.text for statement in own_statements)
        files[f"{module}.py"] = f"{header}\n\n{imports_of(own_statements, imports | others)}\n\n\n{body.rstrip()}\n"
    return files if len(files) == 1 else {**files, "models.py": _door(modules, header)}


def _door(modules: Mapping[str, Sequence[Statement]], header: str) -> str:
    """The module that gives each model from the module that it is in."""
    named = {module: sorted(statement.name for statement in statements) for module, statements in modules.items()}
    lines = [f"    from .{module} import {', '.join(names)}" for module, names in sorted(named.items())]
    exported = sorted(name for names in named.values() for name in names)
    homes = [f'    "{module}": ({", ".join(f"{chr(34)}{name}{chr(34)}" for name in names)},),' for module, names in sorted(named.items())]
    listed = [f'    "{name}",' for name in exported]
    return "\n".join(
        (
            header,
            '"""The models, each loaded when it is first used."""\n\nfrom __future__ import annotations\n',
            "from typing import TYPE_CHECKING\n\nfrom assay_sdk.lazily import exporting\n\nif TYPE_CHECKING:",
            *lines,
            "\n__all__ = [",
            *listed,
            "]\n\n_HOMES: dict[str, tuple[str, ...]] = {",
            *homes,
            '}\n__getattr__ = exporting(__package__ or "", _HOMES)\n',
        )
    )


def _generated(parts: Parts, packs: Mapping[str, Mapping[Property, int]], reserved: frozenset[str]) -> Source:
    """What the generator makes of the parts; none of the names that it makes up is that of a schema apart."""
    if not parts.whole and not packs:
        return Source({}, {}, ())
    source = read_source(_without_permission(_generate(generator_document(parts, packs, reserved))), packs, NAMING)
    taken = frozenset(statement.name for statement in source.statements if statement.name in parts.apart)
    return _generated(parts, packs, reserved | taken) if taken else source


def _generate(document: dict[str, Any]) -> str:
    try:
        # It reads the formatting settings of the current folder, which are none of a client's.
        # Its warnings are about schemas that it makes a wider type of, in its own words and with the path of its own file.
        with TemporaryDirectory() as folder, chdir(folder), warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            source = generate(json.dumps(document), custom_file_header="#", **_OPTIONS)
    except Error as error:
        raise NotGeneratable("models", expected="schemas that become Python types", actual=str(error)) from error
    except RecursionError:
        raise NotGeneratable(
            "models", expected="schemas that nest less deep", actual="too many levels", next_step="name inner schemas under components"
        ) from None
    if not isinstance(source, str):
        raise NotGeneratable("models", expected="schemas of one module", actual="names that make several")
    return source


def generator_document(parts: Parts, packs: Mapping[str, Mapping[Property, int]], reserved: Collection[str]) -> dict[str, Any]:
    """The document that the generator is given: whole schemas, packs of distinct properties, and in front a schema that refers
    to all whole ones, so that each has its name before one is made from a property.
    """
    named: list[dict[str, str]] = [{"$ref": COMPONENTS + name} for name in parts.whole]
    named += [{"customTypePath": f"{_STAND_IN}.{name}"} for name in sorted(reserved)]
    # Properties with large choices: a property for each would take as long as all whole schemas, and Python reads no endless one.
    choices = {f"named_{start}": {"anyOf": named[start : start + _CHOICE_SIZE]} for start in range(0, len(named), _CHOICE_SIZE)}
    naming = {"type": "object", "properties": choices}
    schemas: dict[str, Any] = {NAMING: naming, **parts.whole}
    for name, pack in packs.items():
        numbered = {item.name or anonymous(number): (item, number) for item, number in pack.items()}
        properties = {key: {**json.loads(item.schema), "description": f"{MARKER}{number}"} for key, (item, number) in numbered.items()}
        required = [key for key, (item, _) in numbered.items() if item.required]
        schemas[name] = {"type": "object", "properties": properties, "required": required}
    return {"openapi": "3.1.0", "info": {"title": "models", "version": "1"}, "paths": {}, "components": {"schemas": schemas}}


def _plain_class(name: str, plain: PlainObject, source: Source, numbers: Mapping[Property, int]) -> Statement:
    """The class of a plain object, from the fields that the generator made of its properties."""
    lines = [f"class {name}(Model):"]
    if docstring := _docstring(plain.description):
        lines += [docstring, ""] if plain.properties else [docstring]
    elif not plain.properties:
        lines.append("    pass")
    uses: set[str] = set()
    for declared in plain.properties:
        found = _field(declared, source, numbers[declared.property])
        uses |= found.uses
        lines += [found.text, docstring] if (docstring := _docstring(declared.description)) else [found.text]
    return Statement(name, "\n".join(lines), frozenset(uses), frozenset({"Model"}))


def _alias(name: str, declared: Declared, source: Source, numbers: Mapping[Property, int]) -> Statement:
    """The name of a type, from the field that the generator made of a property of this type."""
    found = _field(declared, source, numbers[declared.property])
    lines = [f'{name} = TypeAliasType("{name}", {found.text.strip().partition(": ")[2]})']
    if docstring := _docstring(declared.description):
        lines.append(dedent(docstring))
    return Statement(name, "\n".join(lines), found.uses | {"TypeAliasType"}, is_class=False)


def _field(declared: Declared, source: Source, number: int) -> Field:
    """The field that the generator made of a property, under its own name and with the types that it stands for."""
    found = source.fields[f"{MARKER}{number}"]
    if declared.property.name:
        return found
    text = found.text.replace(f"{anonymous(number)}:", f"{declared.name}:", 1)
    if declared.values:
        text = text.replace(f"Literal[{VALUES!r}]", f"Literal[{', '.join(map(repr, declared.values))}]", 1)
    types = {f"{PLACEHOLDER}{place}": name for place, name in enumerate(declared.plain)}
    if types:
        text = re.sub(rf"\b{PLACEHOLDER}[0-9]+\b", lambda word: types[word[0]], text)
    return Field(text, frozenset(types.get(name, name) for name in found.uses))


def _docstring(description: str) -> str:
    """A docstring as the generator writes it, empty for no words."""
    words = description.replace("\r\n", "\n").replace("\r", "\n")
    if not words.strip():
        return ""
    words = words.replace("\\", "\\\\").replace('"""', '\\"\\"\\"').replace("\0", "\\x00")
    if "\n" in words:
        return "\n".join(f"    {line}" if line else "" for line in ('"""', *words.split("\n"), '"""'))
    return f'    """{re.sub(_OPEN_QUOTE, _CLOSED_QUOTE, words)}"""'


def _without_permission(source: str) -> str:
    """The source without the permission for types that are not pydantic's, which it asks for as it has not seen the plain objects."""
    source = re.sub(r"^    model_config = ConfigDict\(\n        arbitrary_types_allowed=True,\n    \)\n", "", source, flags=re.MULTILINE)
    return re.sub(r"^        arbitrary_types_allowed=True,\n", "", source, flags=re.MULTILINE)


def _with_tag(statement: Statement, variant: UnknownVariant) -> Statement:
    """The model of unknown variants rejects the tags that are known: those are some other model's."""
    known = ", ".join(json.dumps(value, ensure_ascii=False) for value in variant.known)
    text = re.sub(r": Annotated\[str, ", f": Annotated[str, UnknownTag({known}), ", statement.text, count=1)
    if text == statement.text:
        text = re.sub(r": str\b", f": Annotated[str, UnknownTag({known})]", text, count=1)
    return replace(statement, text=text, uses=statement.uses | {"Annotated", "UnknownTag"})


def _chosen_by_tag(statement: Statement, unknown: Collection[str]) -> Statement:
    """A choice of tagged models, which ends with the one for unknown tags, is read by its tag."""
    if statement.uses.isdisjoint(unknown):
        return statement
    last = "|".join(sorted(statement.uses & set(unknown)))
    text = re.sub(rf"\b(?:\w+\s*\|\s*)+(?:{last})\b", lambda choice: f"Annotated[{choice[0]}, BY_TAG]", statement.text)
    return replace(statement, text=text, uses=statement.uses | {"Annotated", "BY_TAG"})
