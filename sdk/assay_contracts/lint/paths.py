"""Rules of paths and operations: each can be told apart, is named, can succeed, and takes the parameters that it names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from assay_contracts import pointers
from assay_contracts.json_types import is_list, is_mapping
from assay_contracts.lint.bounds import answers, holder_parameters
from assay_contracts.lint.rules import Problem, rule
from assay_contracts.lint.subject import Subject

_HOLE = re.compile(r"\{([^{}]*)\}")


@rule("path-parameter-missing")
def path_parameter_missing(subject: Subject) -> Iterator[Problem]:
    """The parameters in a path or an address are exactly the declared ones."""
    for operation in subject.operations():
        named = set(_HOLE.findall(operation.path))
        declared = {str(parameter.get("name")) for parameter in holder_parameters(subject, operation) if parameter.get("in") == "path"}
        for name in sorted(named ^ declared):
            what = "is in the path and is not declared" if name in named else "is declared and is not in the path"
            yield Problem(operation.pointer, f"the parameter {name} of {operation.id} {what}")
    for id, pointer, channel in subject.channels():
        parameters = channel.get("parameters")
        declared = set(parameters) if is_mapping(parameters) else set[str]()
        for name in sorted(set(_HOLE.findall(str(channel.get("address") or ""))) ^ declared):
            what = "declared and is not in the address" if name in declared else "in the address and not declared"
            yield Problem(pointer, f"the parameter {name} of {id} is {what}")


@rule("duplicate-parameter")
def duplicate_parameter(subject: Subject) -> Iterator[Problem]:
    """No operation declares a parameter twice. Header names are compared without case."""
    for operation in subject.operations():
        listed, seen = operation.data.get("parameters"), Counter[tuple[str, str]]()
        for index, raw in enumerate(listed if is_list(listed) else []):
            parameter = subject.resolve(raw)
            if is_mapping(parameter):
                name, place = str(parameter.get("name")), str(parameter.get("in"))
                key = (name.lower() if place == "header" else name, place)
                seen[key] += 1
                if seen[key] == 2:
                    yield Problem(f"{operation.pointer}/parameters/{index}", f"{operation.id} declares the {place} parameter {name} twice")


@rule("operation-without-id", profile="house", protects="client generators, which name their methods after it")
def operation_without_id(subject: Subject) -> Iterator[Problem]:
    """Every operation has an id."""
    for operation in subject.operations():
        if not operation.data.get("operationId"):
            yield Problem(operation.pointer, f"{operation.id} has no operationId")


@rule("operation-without-success")
def operation_without_success(subject: Subject) -> Iterator[Problem]:
    """Every operation declares a success response."""
    for operation in subject.operations():
        if not any(list(answers(subject, operation, digit)) for digit in "123"):
            yield Problem(f"{operation.pointer}/responses", f"{operation.id} declares no success response")


@rule("paths-not-told-apart", protects="routers, which match such a request with either")
def paths_not_told_apart(subject: Subject) -> Iterator[Problem]:
    """No two paths differ only in the names of their parameters."""
    paths, seen = subject.data.get("paths"), dict[str, str]()
    for path in paths if is_mapping(paths) and subject.kind == "openapi" else ():
        first = seen.setdefault(_HOLE.sub("{}", str(path)), path)
        if first != path:
            yield Problem(pointers.join("paths", path), f"{path} and {first} match the same requests")


@rule("address-with-query-or-fragment", protects="clients and brokers, which take the address for a path or a topic")
def address_with_query_or_fragment(subject: Subject) -> Iterator[Problem]:
    """The address of a channel has neither a query nor a fragment. Query parameters are declared in the binding of the protocol."""
    for id, pointer, channel in subject.channels():
        # A sign inside of a parameter's name is part of the name.
        address = _HOLE.sub("", str(channel.get("address") or ""))
        signs = [sign for sign in "?#" if sign in address]
        if signs and not _is_topic(address):
            yield Problem(
                f"{pointer}/address", f"the address of {id} has {'a query' if signs[0] == '?' else 'a fragment'}: {channel['address']}"
            )


def _is_topic(address: str) -> bool:
    """Whether a `#` is the wildcard of a topic, as AMQP and MQTT write it: a level of its own."""
    return "?" not in address and all(level in ("", "#") or "#" not in level for level in re.split(r"[./]", address))


@rule("link-leads-nowhere", protects="schemathesis, which follows links to test life cycles")
def link_leads_nowhere(subject: Subject) -> Iterator[Problem]:
    """Every link names an operation of the document and existing parameters of it."""
    operations = {operation.id: operation for operation in subject.operations()}
    for operation in operations.values():
        for status, answer in answers(subject, operation, ""):
            links = answer.get("links")
            for name, raw in links.items() if is_mapping(links) else ():
                link = subject.resolve(raw)
                where = f"{operation.pointer}/responses/{status}" + pointers.join("links", name)
                wanted = link.get("operationId") if is_mapping(link) else None
                if wanted is None or not is_mapping(link):
                    continue
                if not isinstance(wanted, str) or wanted not in operations:
                    yield Problem(f"{where}/operationId", f"the link {name} names the operation {wanted}, which does not exist")
                    continue
                known = [parameter.get("name") for parameter in holder_parameters(subject, operations[wanted])]
                given = link.get("parameters")
                for parameter in given if is_mapping(given) else ():
                    if str(parameter).rpartition(".")[2] not in known:
                        yield Problem(where + pointers.join("parameters", parameter), f"{wanted} has no parameter {parameter}")


@rule("security-scheme-undeclared")
def security_scheme_undeclared(subject: Subject) -> Iterator[Problem]:
    """Every security requirement names a scheme that the document declares."""
    components = subject.data.get("components")
    schemes = components.get("securitySchemes") if is_mapping(components) else None
    known: dict[str, Any] = schemes if is_mapping(schemes) else {}
    places = [("/security", subject.data.get("security"))] if subject.kind == "openapi" else []
    places += [(f"{operation.pointer}/security", operation.data.get("security")) for operation in subject.operations()]
    for place, required in places:
        for index, names in enumerate(required if is_list(required) else []):
            for name in names if is_mapping(names) else ():
                if name not in known:
                    yield Problem(f"{place}/{index}", f"the security scheme {name} is not declared")


@rule("tag-undeclared", profile="house", level="warning", protects="documentation renderers, which group by the declared tags")
def tag_undeclared(subject: Subject) -> Iterator[Problem]:
    """Every tag of an operation is declared and described by the document."""
    declared = subject.data.get("tags")
    known = [tag.get("name") for tag in declared if is_mapping(tag)] if is_list(declared) else []
    for operation in subject.operations():
        tags = operation.data.get("tags")
        for index, tag in enumerate(tags if is_list(tags) else []):
            if isinstance(tag, str) and tag not in known:
                yield Problem(f"{operation.pointer}/tags/{index}", f"the tag {tag} is not among the tags of the document")
