"""Types that stay open to what a later version of a contract adds, read without one alternative after the other.

Literal["open", "closed"] | str     is any string, whether it is a known value or not
Cat | Dog | UnknownPet              is the model that the tag names, else the one for unknown tags
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Literal, cast, get_args, get_origin

from pydantic import BaseModel, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

_INNER: Final = {
    "model": "schema",
    "default": "schema",
    "nullable": "schema",
    "list": "items_schema",
    "dict": "values_schema",
}
_SCALARS: Final[dict[str, type]] = {"str": str, "int": int}


class UnknownTag:
    """Marks the tag of a variant that a contract version does not know: one that it knows is another model's."""

    __slots__ = ("_known",)

    def __init__(self, *known: str | int) -> None:
        self._known = frozenset(known)

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._checked, handler(source))

    def _checked(self, tag: str | int) -> str | int:
        if tag in self._known:
            raise PydanticCustomError("known_tag", "the payload breaks the schema of {tag}", {"tag": tag})
        return tag


class ByTag:
    """Marks a choice of models of which the last one is for unknown tags: the tag says which is read, the others are not tried."""

    __slots__ = ()

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        schema = handler(source)
        variants = [variant for variant in get_args(source) if isinstance(variant, type) and issubclass(variant, BaseModel)]
        if schema["type"] != "union" or len(variants) != len(schema["choices"]):
            return schema
        *known, unknown = variants
        field = next(
            (name for name, info in unknown.model_fields.items() if any(isinstance(mark, UnknownTag) for mark in info.metadata)), None
        )
        if field is None:
            return schema
        name = unknown.model_fields[field].alias or field
        choices: dict[str | int, CoreSchema] = {}
        for variant, choice in zip(known, schema["choices"], strict=False):
            tags = _tags(variant, name)
            if not tags or not choices.keys().isdisjoint(tags):
                return schema
            choices.update(dict.fromkeys(tags, cast("CoreSchema", choice)))
        # In Python code a property has the name of its field as well.
        discriminator: Any = name if name == field else [[name], [field]]
        by_tag = core_schema.tagged_union_schema(cast("dict[Any, CoreSchema]", choices), discriminator)
        return core_schema.union_schema([by_tag, schema["choices"][-1]], mode="left_to_right")

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        # pydantic cannot document a tag that goes by two names, or of models that refer to themselves.
        by_tag, *rest = schema["choices"] if schema["type"] == "union" else [schema]
        tagged = by_tag["choices"].values() if isinstance(by_tag, dict) and by_tag["type"] == "tagged-union" else [by_tag]
        return handler(core_schema.union_schema([*tagged, *rest]))


BY_TAG: Final = ByTag()


def _tags(variant: type[BaseModel], name: str) -> tuple[str | int, ...]:
    """The constants that a model requires of its tag, none where it takes others."""
    info = next((info for field, info in variant.model_fields.items() if (info.alias or field) == name), None)
    if info is None or not info.is_required() or get_origin(info.annotation) is not Literal:
        return ()
    return get_args(info.annotation)


def without_known_values(schema: CoreSchema) -> CoreSchema:
    """The schema of a model whose open enumerations are read as the strings and integers that they are."""
    inner = cast("dict[str, Any]", schema)
    if schema["type"] == "model-fields":
        for field in schema["fields"].values():
            field["schema"] = without_known_values(field["schema"])
    elif (key := _INNER.get(schema["type"])) is not None and key in inner:
        inner[key] = without_known_values(inner[key])
    elif schema["type"] == "union" and (scalar := _open_scalar(schema["choices"])) is not None:
        # The known values stay in the schema that pydantic documents the model by.
        return core_schema.lax_or_strict_schema(schema, scalar)
    return schema


def _open_scalar(choices: Sequence[object]) -> CoreSchema | None:
    """The type of all values of an enumeration that is open: constants of one type, then that type without limits."""
    schemas = [cast("CoreSchema", choice) for choice in choices if isinstance(choice, dict)]
    if len(choices) != 2 or len(schemas) != 2 or schemas[0]["type"] != "literal" or schemas[1].keys() != {"type"}:
        return None
    kind = _SCALARS.get(schemas[1]["type"])
    return schemas[1] if kind is not None and all(type(value) is kind for value in schemas[0]["expected"]) else None
