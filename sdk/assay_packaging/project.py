"""The files around the code: project, README, changelog. They are written once and belong to whoever publishes the package."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import requires, version
from typing import Any

from assay_codegen.views import ContractView
from assay_contracts import Contract
from assay_contracts.json_types import is_mapping

from assay_packaging.first_call import FirstCall, base_url, first_call, needs_credential

# The project file needs a licence; nothing is granted unless someone says so.
_NO_LICENCE = "LicenseRef-Proprietary"
_RUNTIME_LICENCE = "Apache-2.0"
_VERSION = re.compile(r"\d+(\.\d+)*((a|b|rc)\d+)?(\.post\d+)?(\.dev\d+)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Project:
    """What the files say: `import_name` may have dots, `licence` is an SPDX expression."""

    import_name: str
    version: str
    description: str
    licence: str
    dependencies: tuple[str, ...]

    @property
    def distribution(self) -> str:
        """The name on an index: `acme.todo_client` as `acme-todo-client`."""
        return re.sub(r"[._]+", "-", self.import_name).strip("-").lower()


def describe(
    contract: Contract, import_name: str, *, own_version: str, licence: str, libraries: tuple[str, ...], standalone: bool
) -> Project:
    """The project of a contract's client, whose code imports `libraries`."""
    info: Mapping[str, Any] = (contract.openapi or contract.asyncapi or {}).get("info", {})
    stated: Any = info.get("license")
    identifier: Any = stated.get("identifier") if is_mapping(stated) else None
    licence = licence or (identifier if isinstance(identifier, str) and identifier else _NO_LICENCE)
    if standalone and licence != _RUNTIME_LICENCE:
        licence = f"{f'({licence})' if ' ' in licence else licence} AND {_RUNTIME_LICENCE}"
    found = own_version or contract.id.version
    return Project(
        import_name=import_name,
        version=found if _VERSION.fullmatch(found) else "0.1.0",
        description=f"Client of {_line(info.get('title')) or contract.id.name}",
        licence=licence,
        dependencies=_standalone_dependencies(libraries) if standalone else (f"assay>={version('assay')}",),
    )


def write_project(project: Project, contract: Contract, view: ContractView) -> dict[str, str]:
    """The files by name."""
    return {
        "pyproject.toml": _pyproject(project),
        "README.md": _readme(project, contract, view),
        "CHANGELOG.md": f"# Changelog\n\n## {project.version}\n\n- First version, generated from {contract.id}.\n",
    }


def _standalone_dependencies(libraries: tuple[str, ...]) -> tuple[str, ...]:
    """The libraries with the versions that the runtime is tested with."""
    declared = {re.split(r"[^\w-]", line)[0].lower(): line for line in requires("assay") or () if "extra ==" not in line}
    return tuple(declared.get(name, name) for name in sorted(libraries))


def _pyproject(project: Project) -> str:
    dependencies = "".join(f"  {_toml(line)},\n" for line in project.dependencies)
    return f"""[build-system]
requires = ["hatchling>=1.27"]
build-backend = "hatchling.build"

[project]
name = {_toml(project.distribution)}
version = {_toml(project.version)}
description = {_toml(project.description)}
readme = "README.md"
license = {_toml(project.licence)}
requires-python = ">=3.11"
dependencies = [
{dependencies}]
classifiers = ["Programming Language :: Python :: 3", "Typing :: Typed"]

[dependency-groups]
dev = ["pytest>=9,<10"]

[tool.hatch.build.targets.wheel]
packages = [{_toml("src/" + project.import_name.partition(".")[0])}]

[tool.pytest.ini_options]
testpaths = ["tests"]
pythonpath = ["src"]
"""


def _readme(project: Project, contract: Contract, view: ContractView) -> str:
    call = first_call(contract, view)
    lines = [
        f"# {project.distribution}",
        "",
        f"{project.description}, generated from {contract.id}.",
        "",
        "```sh",
        f"pip install {project.distribution}",
        "```",
        "",
    ]
    if call is not None:
        lines += ["```python", *_call(call, project, contract, view), "```", ""]
    lines += [
        f"`Async{view.client}` has the same methods for asyncio. An error response raises an `ApiError` with its status, code and body.",
        "",
        "## Tests",
        "",
        "`pytest` calls every operation against a local server that gives each declared status and error code.",
        "",
    ]
    return "\n".join(lines)


def _call(call: FirstCall, project: Project, contract: Contract, view: ContractView) -> list[str]:
    token = ', token="..."' if needs_credential(contract) else ""
    opening = f'with {view.client}("{base_url(contract)}"{token}) as client:'
    invoked = f"client.{call.method}({call.arguments})"
    printed = [f"    for item in {invoked}:", "        print(item)"] if call.is_list else [f"    print({invoked})"]
    return [f"from {project.import_name} import {view.client}", "", opening, *printed]


def _line(value: Any) -> str:
    return " ".join(str(value).split())[:200] if isinstance(value, str) else ""


def _toml(value: str) -> str:
    return json.dumps("".join(letter for letter in value if letter.isprintable()), ensure_ascii=False)
