"""What generating, importing and first using a large client costs, in CPU seconds of whole processes.

    python benchmarks/generation.py [DOCUMENT ...]

Without documents it makes two: 500 schemas with 600 operations, and twice as many, whose ratio says whether generation is linear.
Each document is generated for two hash seeds; then the client is imported and an operation is looked up. Exits with 1 when the files of
the two seeds differ or the ratio is above its limit.
"""

from __future__ import annotations

import json
import os
import random
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

GENERATE = (
    "import sys; from pathlib import Path; from assay_codegen import generate_python; from assay_contracts import load_contract\n"
    "client = generate_python(load_contract(Path(sys.argv[1]))); place = client.write(Path(sys.argv[2]))\n"
    "print(place.name, client.view.client, len(client.view.operations), len(client.left_out), len(client.files))"
)
RUNTIME = "import sys; sys.path.insert(0, sys.argv[1]); import assay_sdk.client, assay_sdk.lazily"
IMPORT = RUNTIME + "; from {package} import {client}"
FIRST = IMPORT + "; import {package}.operations"
KINDS: tuple[dict[str, Any], ...] = (
    {"type": "string"},
    {"type": ["string", "null"]},
    {"type": "integer"},
    {"type": "boolean"},
    {"type": "string", "format": "date-time"},
    {"type": "string", "enum": ["open", "closed", "merged"]},
    {"type": "array", "items": {"type": "string"}},
    {"type": "object", "properties": {"href": {"type": "string"}, "count": {"type": "integer"}}},
)
LIMIT = 2.5
"""The most times as long that twice the document may take."""
WORDS = ("id", "url", "name", "state", "created_at", "updated_at", "owner", "labels", "size", "kind", "note", "links", "total", "sha")


def large_document(schemas: int, operations: int) -> dict[str, Any]:
    """A document of a shape like those of large public APIs: a dozen properties a schema, some of them references."""
    choice = random.Random(schemas)
    components: dict[str, Any] = {}
    for number in range(1, schemas):
        properties: dict[str, Any] = {}
        for place in range(12):
            refers = choice.random() < 0.25
            kind = (
                {"$ref": f"#/components/schemas/Thing{choice.randrange(max(0, number - 20), number + 1)}"}
                if refers
                else choice.choice(KINDS)
            )
            described = kind if refers else {**kind, "description": f"The {place}th property of thing {number}."}
            properties[f"{choice.choice(WORDS)}_{choice.randrange(9)}"] = described
        components[f"Thing{number}"] = {"type": "object", "properties": properties, "required": sorted(properties)[:3]}
    components["Thing0"] = {"type": "object", "properties": {"id": {"type": "string"}}}
    paths: dict[str, Any] = {}
    for number in range(operations):
        schema = {"$ref": f"#/components/schemas/Thing{number % schemas}"}
        parameters = [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}]
        parameters += [{"name": name, "in": "query", "schema": {"type": "integer"}} for name in ("page", "per_page")]
        content = {"application/json": {"schema": schema}}
        operation: dict[str, Any] = {"operationId": f"op{number}", "tags": [f"tag{number % 40}"], "parameters": parameters}
        operation["responses"] = {"200": {"description": "It.", "content": content}}
        if number % 3 == 0:
            operation["requestBody"] = {"content": content}
        paths[f"/things{number}/{{id}}"] = {"post" if number % 3 == 0 else "get": operation}
    return {
        "openapi": "3.1.0",
        "info": {"title": f"Large {schemas}", "version": "1.0.0"},
        "paths": paths,
        "components": {"schemas": components},
    }


def run(program: str, *arguments: str, seed: str = "0") -> tuple[float, str]:
    """The CPU seconds of one process and what it printed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONDONTWRITEBYTECODE": ""}
    done = subprocess.run([sys.executable, "-c", program, *arguments], env=environment, capture_output=True, text=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout


def measured(document: Path, folder: Path) -> tuple[float, bool]:
    """Print the figures of one document; gives the CPU seconds of its generation, and whether two hash seeds gave the same files.

    The first process compiles what an installation may have left uncompiled, so the faster one counts.
    """
    first_seconds, printed = run(GENERATE, str(document), str(folder / "one"), seed="1")
    seconds = min(first_seconds, run(GENERATE, str(document), str(folder / "two"), seed="2")[0])
    package, client, operations, left_out, files = printed.split()
    one, two = ({path.name: path.read_bytes() for path in (folder / seed / package).iterdir() if path.is_file()} for seed in ("one", "two"))
    same = one == two
    programs = [program.format(package=package, client=client) for program in (RUNTIME, IMPORT, FIRST)]
    for program in programs:
        run(program, str(folder / "one"))
    runtime, imported, first = (min(run(program, str(folder / "one"))[0] for _ in range(5)) for program in programs)
    print(
        f"{document.stem}: {document.stat().st_size // 1024} kB, {operations} operations ({left_out} left out), {files} files: "
        f"generated in {seconds:.1f} s, {'equal' if same else 'NOT EQUAL'} for two hash seeds; "
        f"import +{(imported - runtime) * 1000:.0f} ms, operations +{(first - runtime) * 1000:.0f} ms over the runtime"
    )
    return seconds, same


def main() -> int:
    """Print the figures of each document; 1 when one is not generated alike or generation is not linear."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        if documents := [Path(argument) for argument in sys.argv[1:]]:
            results = [measured(document, folder) for document in documents]
            return int(not all(same for _, same in results))
        figures: list[tuple[float, bool]] = []
        for schemas, operations in ((500, 600), (1000, 1200)):
            document = folder / f"large-{schemas}.json"
            document.write_text(json.dumps(large_document(schemas, operations)), encoding="utf-8")
            figures.append(measured(document, folder))
    ratio = figures[1][0] / figures[0][0]
    print(f"twice the document takes {ratio:.2f} times as long, limit {LIMIT}")
    return int(ratio > LIMIT or not all(same for _, same in figures))


if __name__ == "__main__":
    sys.exit(main())
