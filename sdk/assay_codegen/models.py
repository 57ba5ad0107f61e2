"""Models from schemas, by datamodel-code-generator: the one door to it, with the options that every model is made with."""

from __future__ import annotations

import json
from typing import Any

from datamodel_code_generator import Error, generate, get_version

from assay_codegen.errors import NotGeneratable

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


def generator_version() -> str:
    """The version of the generator, which the record of a package names."""
    return get_version()


def write_models(document: dict[str, Any], header: str) -> str:
    """The source of a module with a model for each schema."""
    text = json.dumps(document, indent=1)
    try:
        source = generate(text, custom_file_header=header, **_OPTIONS)
    except Error as error:
        raise NotGeneratable("models", expected="schemas that become Python types", actual=str(error)) from error
    if not isinstance(source, str):
        raise NotGeneratable("models", expected="schemas of one module", actual="names that make several")
    return source.rstrip() + "\n"
