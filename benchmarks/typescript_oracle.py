"""Our TypeScript types beside those of openapi-typescript, schema by schema.

    python benchmarks/typescript_oracle.py DOCUMENT ...

For each named schema of a document, a value of their type must be one of ours, and each property that theirs has ours must have as
well. It does not hold the other way round: our enumerations and tagged choices are open. Schemas that differ are printed; theirs is
not always right, since it takes the name of a schema for its tag where the document states another. Needs node and npm.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from assay_codegen.contract_view import view_contract
from assay_codegen.typescript import generate_typescript
from assay_contracts import load_contract
from assay_packaging.npm_project import TYPESCRIPT

PACKAGES = (f"typescript@{TYPESCRIPT}", "openapi-typescript@7.13.0")
OPTIONS = {"strict": True, "noEmit": True, "module": "NodeNext", "target": "ES2022", "lib": ["ES2022", "DOM"], "types": []}
HEAD = """import type * as t from "./types.js";
import type { components } from "./theirs.js";
type Theirs = components["schemas"];
type Within<A, B> = [A] extends [B] ? true : false;
type Keys<T> = T extends unknown ? keyof T : never;
"""


def compared(folder: Path, source: Path) -> tuple[int, list[str]]:
    """The number of schemas that both have, and what differs."""
    contract = load_contract(source)
    ours = generate_typescript(contract).files["types.ts"]
    _, pool = view_contract(contract)
    written = set(re.findall(r"^export type (\w+) =", ours, re.MULTILINE))
    components: dict[str, Any] = contract.openapi.get("components", {})
    wires = {model: wire for model, wire in pool.wire_names.items() if model in written and wire in components.get("schemas", {})}
    (folder / "types.ts").write_text(ours, encoding="utf-8")
    subprocess.run(["npx", "openapi-typescript", str(source.resolve()), "-o", "theirs.ts"], cwd=folder, check=True, capture_output=True)
    names: list[str] = []
    lines = [HEAD.rstrip()]
    for number, (model, wire) in enumerate(sorted(wires.items())):
        theirs = f"Theirs[{json.dumps(wire)}]"
        lines.append(f"export const value{number}: Within<{theirs}, t.{model}> = true;")
        lines.append(f"export const keys{number}: Within<Keys<NonNullable<{theirs}>>, Keys<NonNullable<t.{model}>>> = true;")
        names += [model, f"properties of {model}"]
    (folder / "check.ts").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "tsconfig.json").write_text(json.dumps({"compilerOptions": OPTIONS, "include": ["*.ts"]}), encoding="utf-8")
    done = subprocess.run(["npx", "tsc"], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode and not done.stdout:
        raise SystemExit(f"TypeScript did not run: {done.stderr}")
    first = HEAD.count("\n") + 1
    # Where a file of types is wrong itself, nothing was compared.
    broken = re.findall(r"^(?!check\.ts)\S.*: error TS.*$", done.stdout, re.MULTILINE)
    return len(wires), [*broken, *(names[int(line) - first] for line in re.findall(r"^check\.ts\((\d+),", done.stdout, re.MULTILINE))]


def main() -> int:
    """Print what differs in each document; 1 when something does."""
    differ = 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "package.json").write_text('{"type": "module"}', encoding="utf-8")
        command = ["npm", "install", "--no-audit", "--no-fund", "--loglevel", "error", *PACKAGES]
        subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=300)
        for argument in sys.argv[1:]:
            count, found = compared(folder, Path(argument))
            differ += len(found)
            print(f"{Path(argument).name}: {count} schemas, {len(found)} differences", *(f"    {name}" for name in found), sep="\n")
    return int(differ > 0)


if __name__ == "__main__":
    sys.exit(main())
