"""The table of operations: how each request is written and its response read, with the types of its arguments and replies."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from assay_contracts import Contract, Operation
from assay_contracts.media_types import is_json

from assay_codegen.media import is_form
from assay_codegen.naming import Allocator, pascal, steps
from assay_codegen.pooling import Pool
from assay_codegen.shaping import shaped
from assay_codegen.typescript.types import type_of
from assay_codegen.typescript.words import MethodNames, comment, literal, property_name, signs, union
from assay_codegen.typescript.writers import WRITERS, body_literal, parameter_literal
from assay_codegen.views import Argument, BodyView, ContractView, OperationView, ReplyView, ServerView

_T = "t."
_FILES = "FileContent"
_READS = {"nothing": "none", "text": "text", "bytes": "bytes"}
_PLAIN = {"none": "undefined", "text": "string", "bytes": "Uint8Array"}


@dataclass(frozen=True, slots=True)
class WrittenOperation:
    """One operation as code: its constant, the names of its types, and whether a call needs arguments."""

    id: str
    name: str
    arguments: str
    required: bool
    summary: str
    deprecated: bool
    source: str


def write_operations(contract: Contract, view: ContractView, pool: Pool) -> tuple[WrittenOperation, ...]:
    """Every operation of a view, under names of TypeScript; schemas of parameters that refer to others are gathered in the pool."""
    declared = {operation.id: operation for operation in contract.operations}
    # The writers are a name of the module as well.
    names, types = MethodNames({WRITERS}), Allocator()
    constants = {operation.id: names.method(operation.id) for operation in view.operations}
    writer = _Writer(view, pool, constants)
    return tuple(
        writer.written(declared[operation.id], operation, types.take(pascal(constants[operation.id]) + "Arguments"))
        for operation in view.operations
    )


@dataclass(frozen=True, slots=True)
class ArgumentKey:
    """An argument: its key in the object of arguments, its type, and whether it must be there."""

    name: str
    type: str
    required: bool
    description: str

    @property
    def line(self) -> str:
        optional = "" if self.required else "?"
        undefined = "" if self.required else " | undefined"
        return f"{comment(self.description, '  ')}  {property_name(self.name)}{optional}: {self.type}{undefined};\n"


@dataclass(frozen=True, slots=True)
class _Writer:
    view: ContractView
    pool: Pool
    constants: Mapping[str, str]

    def written(self, declared: Operation, view: OperationView, arguments: str) -> WrittenOperation:
        name = self.constants[view.id]
        names = Allocator()
        parameters: list[str] = []
        keys: list[ArgumentKey] = []
        schemas = {(item.name, item.location): item for item in declared.parameters}
        for argument in view.arguments:
            parameter = schemas[argument.wire, argument.location]
            key = names.take(argument.wire, "_")
            parameters.append(parameter_literal(argument, key, parameter.schema))
            keys.append(
                ArgumentKey(
                    key, argument_type(self.pool, parameter.schema, pascal(view.id), argument), argument.required, argument.description
                )
            )
        body = None if view.body is None else names.take("body", "_")
        if view.body is not None and body is not None:
            keys.append(ArgumentKey(body, self.body_type(declared, view.body), view.body.required, view.body.description))
        replies, reads = self.replies(view.replies)
        facts: dict[str, str] = {"id": literal(view.id), "method": literal(view.method), "path": literal(view.path)}
        facts["accept"] = literal(view.accept)
        if parameters:
            facts["parameters"] = "[\n" + "".join(f"    {item},\n" for item in parameters) + "  ]"
        if view.body is not None and body is not None:
            facts["body"] = body_literal(view.body, body)
        facts["reads"] = literal(reads)
        facts |= self.annotations(declared, view)
        failures = self.failures(view)
        lines = "".join(f"  {key}: {value},\n" for key, value in facts.items())
        types = f"{arguments}, {replies}, {failures}, {self.item_type(view)}, {self.result_type(view)}"
        source = (
            f"export type {arguments} = {{\n{''.join(key.line for key in keys)}}};\n\n" if keys else f"export type {arguments} = {{}};\n\n"
        )
        source += comment(view.summary) + f"export const {name}: Operation<{types}> = {{\n{lines}}};\n"
        return WrittenOperation(view.id, name, arguments, any(key.required for key in keys), view.summary, view.deprecated, source)

    def body_type(self, declared: Operation, body: BodyView) -> str:
        """The type of a body: a form with files takes contents in their places."""
        if not is_form(body.media):
            return self.python_type(body.type) if is_json(body.media) else "string | BytesContent"
        model = body.type.removesuffix(" | Mapping[str, Any]")
        if body.files and declared.request_body is not None:
            model = self.pool.take(declared.request_body.content[body.media], pascal(declared.id) + "Body")
        if model not in self.pool.schemas:
            return "FormBody"
        own = "".join(f" {property_name(name)}?: {_FILES} | readonly {_FILES}[];" for name in body.files)
        return f"Omit<{_T}{model}, {' | '.join(map(literal, body.files))}> & {{{own} }}" if own else _T + model

    def replies(self, replies: Iterable[ReplyView]) -> tuple[str, dict[str, str]]:
        """The types of the success responses by status, and how the body of each is read."""
        reads = {reply.status: _READS.get(reply.decode, "json") for reply in replies}
        types = {reply.status: _PLAIN.get(reads[reply.status]) or self.python_type(reply.type) for reply in replies}
        return union(f"Reply<{_status(status)}, {type_}>" for status, type_ in types.items()), reads

    def failures(self, view: OperationView) -> str:
        """The types of the error bodies by status."""
        found = [f"Failure<{_status(reply.status)}, {self.python_type(reply.type)}>" for reply in view.failures]
        return union(found) if found else "never"

    def python_type(self, type_: str) -> str:
        """A type of the view, which is in the words of Python."""
        words = {"Any": "unknown", "None": "null", "str": "string", "bytes": "Uint8Array"}
        return union(words.get(part) or _T + part for part in type_.split(" | "))

    def item_type(self, view: OperationView) -> str:
        return "never" if view.pages is None else _T + view.pages.item

    def result_type(self, view: OperationView) -> str:
        return "never" if view.job is None else self.python_type(view.job.result_type)

    def annotations(self, declared: Operation, view: OperationView) -> dict[str, str]:
        found: dict[str, str] = {}
        if view.security is not None:
            found["security"] = literal(view.security)
        if view.idempotency is not None:
            found["idempotency"] = literal(view.idempotency)
        if view.revalidates:
            found["revalidates"] = "true"
        if view.server is not None:
            found["server"] = server(view.server)
        if view.pages is not None:
            found["pages"] = literal(_pages(declared, self.key_of(view, view.pages.argument)))
        if view.job is not None:
            found |= self.job(declared, view)
        return found

    def key_of(self, view: OperationView, argument: str) -> str:
        return next(item.wire for item in view.arguments if item.name == argument)

    def job(self, declared: Operation, view: OperationView) -> dict[str, str]:
        terms: Mapping[str, Any] = declared.annotations["x-job"]
        others: Mapping[str, str] = terms.get("operations", {})
        if view.job is None:
            return {}
        facts: dict[str, object] = {"parameter": terms["parameter"], "state": steps(terms["state"]), "final": view.job.final}
        facts["succeeded"] = view.job.succeeded
        if "progress" in terms:
            facts["progress"] = steps(terms["progress"])
        if "phase" in terms:
            facts["phase"] = steps(terms["phase"]["at"])
        written = literal(facts)[:-1]
        for role, other in (("cancel", view.job.cancel), ("result", view.job.result)):
            if other is not None:
                # A function, so that an operation may stand in front of the one that it names.
                written += f', "{role}": () => {self.constants[others[role]]}'
        return {"job": written + "}"}


def argument_type(pool: Pool, schema: Mapping[str, Any], owner: str, argument: Argument) -> str:
    """The type of an argument; a schema that refers to others is gathered under a name of its owner."""
    if argument.media and not is_json(argument.media):
        return "string"
    if schema.get("$defs") or "$ref" in schema:
        return _T + pool.take(schema, owner + pascal(argument.wire))
    found = type_of(shaped(schema, None), "  ", _T)
    # A Date is a moment; of which day that is depends on where one stands, so that a `date` is a string.
    return f"{found} | Date" if schema.get("format") == "date-time" and found == "string" else found


def _status(status: str) -> str:
    return status if status.isdecimal() else "number"


def _pages(declared: Operation, argument: str) -> dict[str, object]:
    found: Mapping[str, Any] = declared.annotations["x-pagination"]
    how: Mapping[str, Any] = found[found["style"]]
    facts: dict[str, object] = {"parameter": argument, "items": steps(found["items"])}
    if found["style"] == "cursor":
        facts["next"] = steps(how["next"])
    elif "total" in how:
        facts["total"] = steps(how["total"])
    if found["style"] == "offset" and "more" in found:
        facts["more"] = steps(found["more"])
    if "invalid" in how:
        facts["invalid"] = how["invalid"]
    return facts


def server(view: ServerView) -> str:
    """A server with its variables."""
    variables = {name: {"default": default, **({"enum": choices} if choices else {})} for name, default, choices in view.variables}
    return literal({"url": view.url, **({"variables": variables} if variables else {})})


def used_words(sources: Iterable[str]) -> tuple[str, ...]:
    """The types of the runtime that some code names."""
    text = signs("\n".join(sources))
    return tuple(
        name for name in ("BytesContent", "Failure", _FILES, "FormBody", "Operation", "Reply") if re.search(rf"(?<![\w.]){name}\b", text)
    )
