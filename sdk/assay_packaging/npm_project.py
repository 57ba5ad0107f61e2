"""The files around a TypeScript client: package.json, tsconfig and README. They are written once and belong to whoever publishes it."""

from __future__ import annotations

import json
import re

from assay_codegen.typescript import TypeScriptPackage
from assay_contracts import Contract
from assay_contracts.json_types import is_mapping

from assay_packaging.first_call import base_url, first_call, needs_credential

_SEMANTIC = re.compile(r"(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)(-[0-9A-Za-z.-]+)?", re.ASCII)
TYPESCRIPT = "5.9.3"
COMPILER_OPTIONS = {
    "target": "ES2022",
    "module": "NodeNext",
    "lib": ["ES2022", "DOM", "DOM.Iterable"],
    "types": [],
    "strict": True,
    "exactOptionalPropertyTypes": True,
    "noUncheckedIndexedAccess": True,
    "verbatimModuleSyntax": True,
    "isolatedModules": True,
    "declaration": True,
    "sourceMap": True,
    "rootDir": "src",
    "outDir": "dist",
}


def write_npm_project(contract: Contract, package: TypeScriptPackage, name: str, *, own_version: str, licence: str) -> dict[str, str]:
    """The files by name; `npm install` and `npm run build` make the package of them."""
    stated = (contract.openapi or contract.asyncapi or {}).get("info", {}).get("license")
    identifier = stated.get("identifier") if is_mapping(stated) else None
    found = own_version or contract.id.version
    manifest = {
        "name": name,
        "version": found if _SEMANTIC.fullmatch(found) else "0.1.0",
        "description": f"Client of {contract.id}",
        "license": licence or (identifier if isinstance(identifier, str) and identifier else "UNLICENSED"),
        "type": "module",
        "sideEffects": False,
        "exports": {".": {"types": "./dist/index.d.ts", "default": "./dist/index.js"}},
        "files": ["dist", "src"],
        "engines": {"node": ">=20"},
        "scripts": {"build": "tsc", "prepack": "tsc"},
        "devDependencies": {"typescript": f"^{TYPESCRIPT}"},
    }
    return {
        "package.json": json.dumps(manifest, indent=2, ensure_ascii=False) + "\n",
        "tsconfig.json": json.dumps({"compilerOptions": COMPILER_OPTIONS, "include": ["src"]}, indent=2) + "\n",
        "README.md": _readme(contract, package, name),
        ".gitignore": "dist/\nnode_modules/\n",
    }


def _readme(contract: Contract, package: TypeScriptPackage, name: str) -> str:
    lines = [f"# {name}", "", f"The client of {contract.id}. It needs no other package, and runs in browsers and in Node 20 and later.", ""]
    lines += ["```sh", "npm install", "npm run build", "```", ""]
    call = first_call(contract, package.view)
    if call is not None:
        wires = {argument.name: argument.wire for argument in call.operation.arguments}
        arguments = {wires.get(key, key): value for key, value in call.values.items()}
        given = json.dumps(arguments, ensure_ascii=False) if arguments else ""
        options = [f"baseUrl: {json.dumps(base_url(contract))}", *(['token: "..."'] if needs_credential(contract) else [])]
        lines += [
            "```ts",
            f"import {{ {package.view.client} }} from {json.dumps(name)};",
            "",
            f"const client = new {package.view.client}({{ {', '.join(options)} }});",
            f"console.log(await client.{package.methods[call.operation.id]}({given}));",
            "```",
            "",
        ]
    lines += ["An error response rejects with an `ApiError` with its status, code and body.", ""]
    lines += [
        "`src/` is generated: the next `assay generate` rewrites it. This file, `package.json` and `tsconfig.json` are yours.",
        "",
    ]
    return "\n".join(lines)
