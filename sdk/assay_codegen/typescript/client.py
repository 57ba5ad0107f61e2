"""The modules around the operations: what the contract declares, its errors, and the client with a method for each operation."""

from __future__ import annotations

from collections.abc import Sequence

from assay_codegen.typescript.operations import WrittenOperation, server
from assay_codegen.typescript.words import comment, literal, property_name
from assay_codegen.views import ContractView


def write_contract(view: ContractView, header: str) -> str:
    """The module with what the runtime reads of the contract."""
    facts: dict[str, str] = {"id": literal(view.id), "digest": literal(view.digest), "major": literal(view.major)}
    if view.version_header is not None:
        facts["versionHeader"] = literal(view.version_header)
    if view.version_at:
        facts["versionAt"] = literal(view.version_at)
    if view.correlation_header is not None:
        facts["correlationHeader"] = literal(view.correlation_header)
    if view.correlation_pattern is not None:
        facts["correlationPattern"] = literal(view.correlation_pattern)
    envelope = {_camel(name): at for name, at in view.envelope if at}
    facts["envelope"] = literal(envelope)
    facts["errors"] = "errors"
    facts["categories"] = "categories"
    facts["retries"] = literal(dict(view.retries))
    facts["schemes"] = literal({scheme.id: {"kind": scheme.kind, "name": scheme.name} for scheme in view.schemes})
    facts["servers"] = "[" + ", ".join(map(server, view.servers)) + "]"
    lines = "".join(f"  {key}: {value},\n" for key, value in facts.items())
    imports = 'import { categories, errors } from "./errors.js";\nimport type { Contract } from "./runtime/index.js";\n'
    words = comment(f"{view.id}: its names on the wire and its taxonomy.")
    return f"{header}\n{imports}\n{words}export const contract: Contract = {{\n{lines}}};\n"


def write_errors(view: ContractView, header: str) -> str:
    """The module with a class for each code of the taxonomy. Those of the runtime are named by their module: a code may be `API_ERROR`."""
    own = {title for _, title in view.own_categories}
    imports = (
        'import * as runtime from "./runtime/index.js";' if view.errors or own else 'import type * as runtime from "./runtime/index.js";'
    )
    lines = [header, imports + "\n"]
    for name, title in view.own_categories:
        lines.append(f"{comment(f'An error of the category `{name}`.')}export class {title} extends runtime.ApiError {{}}\n")
    for error in view.errors:
        parent = error.parent if error.parent in own else f"runtime.{error.parent}"
        lines.append(f"{comment(f'`{error.code}`, {error.status}.')}export class {error.name} extends {parent} {{}}\n")
    codes = "".join(f"  {property_name(error.code)}: {error.name},\n" for error in view.errors)
    categories = "".join(f"  {property_name(name)}: {title},\n" for name, title in view.own_categories)
    lines.append(f"export const errors: {{ readonly [code: string]: runtime.ErrorClass }} = {{\n{codes}}};\n")
    lines.append(f"export const categories: {{ readonly [category: string]: runtime.ErrorClass }} = {{\n{categories}}};\n")
    return "\n".join(lines)


def write_client(view: ContractView, operations: Sequence[WrittenOperation], header: str) -> str:
    """The module with the client."""
    imports = ['import { contract } from "./contract.js";']
    if operations:
        imports.append('import * as operations from "./operations.js";')
    imports.append('import { Client } from "./runtime/index.js";')
    words = ["CallOptions", "ClientOptions", "Value"] if operations else ["ClientOptions"]
    imports.append(f'import type {{ {", ".join(words)} }} from "./runtime/index.js";')
    methods = "".join(_method(operation) for operation in operations)
    return (
        f"{header}\n" + "\n".join(imports) + "\n\n"
        f"{comment(f'The client of {view.id}. One operation alone: `new Client(contract, options).call(operation, args)`.')}"
        f"export class {view.client} extends Client {{\n"
        f"  constructor(options: ClientOptions = {{}}) {{\n    super(contract, options);\n  }}\n{methods}}}\n"
    )


def _method(operation: WrittenOperation) -> str:
    words = operation.summary + ("\n\n@deprecated" if operation.deprecated else "")
    default = "" if operation.required else " = {}"
    constant = f"operations.{operation.name}"
    arguments = f"args: operations.{operation.arguments}{default}, options?: CallOptions"
    return (
        f"\n{comment(words, '  ')}  {operation.name}({arguments}): Promise<Value<typeof {constant}>> {{\n"
        f"    return this.call({constant}, args, options);\n  }}\n"
    )


def write_index(view: ContractView, header: str) -> str:
    """The module that an application imports."""
    lines = [
        f'export {{ {view.client} }} from "./client.js";',
        'export { contract } from "./contract.js";',
        'export * as errors from "./errors.js";',
        'export * as operations from "./operations.js";',
        'export * from "./runtime/index.js";',
        'export type * as types from "./types.js";',
    ]
    if view.streams or view.channels:
        lines.insert(0, 'export * as channels from "./channels.js";')
    return f"{header}\n" + "\n".join(lines) + "\n"


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
