"""Models from schemas, by datamodel-code-generator: the one door to it, with the options that every model is made with."""

from __future__ import annotations

import json
import re
from contextlib import chdir
from functools import partial
from tempfile import TemporaryDirectory
from typing import Any

from datamodel_code_generator import Error, generate, get_version

from assay_codegen.errors import NotGeneratable
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


def generator_version() -> str:
    """The version of the generator, which the record of a package names."""
    return get_version()


def write_models(document: dict[str, Any], variants: tuple[UnknownVariant, ...], header: str) -> str:
    """The source of a module with a model for each schema."""
    if not document["components"]["schemas"]:
        return f'{header}\n"""The contract has no models."""\n'
    text = json.dumps(_naming_all(document), indent=1)
    try:
        # The generator reads the formatting settings of the current folder, which are none of a client's.
        with TemporaryDirectory() as folder, chdir(folder):
            source = generate(text, custom_file_header=header, **_OPTIONS)
    except Error as error:
        raise NotGeneratable("models", expected="schemas that become Python types", actual=str(error)) from error
    except RecursionError:
        raise NotGeneratable(
            "models", expected="schemas that nest less deep", actual="too many levels", next_step="name inner schemas under components"
        ) from None
    if not isinstance(source, str):
        raise NotGeneratable("models", expected="schemas of one module", actual="names that make several")
    return _with_times(_with_tags(_without_naming(source), variants)).rstrip() + "\n"


def _naming_all(document: dict[str, Any]) -> dict[str, Any]:
    """The document with a schema in front that refers to all others, so that each of them has its name first.

    The generator names an inline schema after its property, and numbers whoever is second.
    """
    schemas = document["components"]["schemas"]
    named = {f"p{number}": {"$ref": f"#/components/schemas/{name}"} for number, name in enumerate(schemas)}
    naming = {_NAMING: {"type": "object", "properties": named}}
    return {**document, "components": {**document["components"], "schemas": {**naming, **schemas}}}


def _without_naming(source: str) -> str:
    """The source without the model of that schema."""
    source = re.sub(
        rf"^class {_NAMING}\(Model\):\n(?:(?:    [^\n]*)?\n)+?(?=\S|\Z)", "", source.rstrip() + "\n", count=1, flags=re.MULTILINE
    )
    return re.sub(rf"^{_NAMING}\.model_rebuild\(\)\n", "", source, flags=re.MULTILINE)


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
