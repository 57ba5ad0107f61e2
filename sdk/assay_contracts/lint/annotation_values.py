"""Rules of agreement: what an annotation says about a parameter is what the parameter's own schema says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from assay_contracts import pointers
from assay_contracts.json_types import is_list, is_mapping
from assay_contracts.lint.annotations import placed
from assay_contracts.lint.rules import Problem, rule
from assay_contracts.lint.schemas import alternatives, keyword, reached
from assay_contracts.lint.subject import OperationPlace, Subject


@rule("annotation-disagrees-with-its-parameter")
def annotation_disagrees_with_its_parameter(subject: Subject) -> Iterator[Problem]:
    """Values, bounds and defaults are the same in an annotation and in the schema of its parameter."""
    for pointer, name, value, _, holder in placed(subject):
        if isinstance(holder, OperationPlace) and is_mapping(value):
            for at, message in _disagreements(subject, holder, name, value):
                yield Problem(pointer + at, f"{name}: {message}")


def _disagreements(subject: Subject, holder: OperationPlace, name: str, value: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if name == "x-pagination":
        size = value.get("size")
        schema = parameter_schema(subject, holder, size.get("parameter") if is_mapping(size) else None)
        for member in ("default", "minimum", "maximum") if is_mapping(size) and schema is not None else ():
            annotated, declared = size.get(member) if size else None, keyword(subject.data, schema, member)
            if annotated is not None and annotated != declared:
                yield f"/size/{member}", f"the {member} is {annotated} here and {declared} in the parameter"
    elif name == "x-order":
        schema = parameter_schema(subject, holder, value.get("parameter"))
        yield from _choices(subject, schema, value.get("orders"), "/orders")
        default = keyword(subject.data, schema, "default")
        if schema is not None and default is not None and default != value.get("default"):
            yield "/default", f"the default is {value.get('default')} here and {default} in the parameter"
    elif name == "x-window":
        series = value.get("series")
        if is_mapping(series) and "parameter" in series:
            schema = parameter_schema(subject, holder, series.get("parameter"))
            yield from _choices(subject, schema, series.get("steps"), "/series/steps")
    elif name == "x-filter":
        yield from _filter(subject, holder, value)


def _filter(subject: Subject, holder: OperationPlace, value: dict[str, Any]) -> Iterator[tuple[str, str]]:
    schema, fields = parameter_schema(subject, holder, value.get("parameter")), value.get("fields")
    if schema is None or not is_mapping(fields):
        return
    declared = {
        name
        for branch in alternatives(subject.data, schema)
        for name in (branch["properties"] if is_mapping(branch.get("properties")) else ())
    }
    for name in sorted(declared - fields.keys()):
        yield "/fields", f"the parameter's field {name} is not annotated"
    for name, field in fields.items():
        below = reached(subject.data, schema, pointers.join(name))
        if not below:
            yield pointers.join("fields", name), f"the parameter has no field {name}"
        elif is_mapping(field):
            yield from _choices(subject, below[0], field.get("values"), pointers.join("fields", name, "values"))


def _choices(subject: Subject, schema: Any, named: Any, at: str) -> Iterator[tuple[str, str]]:
    allowed = keyword(subject.data, schema, "enum")
    if is_list(allowed) and (is_list(named) or is_mapping(named)):
        names: list[Any] = [*named]
        for value in [value for value in allowed if value not in names]:
            yield at, f"the parameter allows {value}, which is missing here"
        for name in [name for name in names if name not in allowed]:
            yield at, f"{name} is named here, and the parameter does not allow it"


def parameter_schema(subject: Subject, holder: OperationPlace, wanted: Any) -> Any:
    """The schema of the parameter of that name, or None."""
    for source in (holder.data, holder.item):
        listed = source.get("parameters")
        for raw in listed if is_list(listed) else []:
            parameter = subject.resolve(raw)
            if is_mapping(parameter) and parameter.get("name") == wanted and isinstance(wanted, str):
                return parameter.get("schema")
    return None
