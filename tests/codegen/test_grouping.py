"""Groups: operations by tag beside the flat methods."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from assay_codegen import generate_python
from assay_codegen.naming import package_name

from tests.codegen.client_programs import run
from tests.codegen.conftest import Document, Load


def tagged(document: Document, operations: dict[str, list[str]]) -> Document:
    """The document with other operations: tags by operation id."""
    responses = {"200": {"description": "It.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}}}
    document["paths"] = {
        f"/{number}": {"get": {"operationId": name, "tags": tags, "responses": responses}}
        for number, (name, tags) in enumerate(operations.items())
    }
    document["tags"] = [{"name": "repos", "description": "All about repositories.\n\nMore."}]
    return document


PROGRAM = """
import inspect
from things import AsyncThingsClient, ThingsClient
client = ThingsClient("http://host", transport=Pretended(), retry=NO_RETRY)
"""
THING = (200, '{"kind": "small", "class": "b"}')


def test_a_group_calls_the_operations_of_its_tag(document: Document, load: Load, tmp_path: Path) -> None:
    """Its own name is not said twice, options go with it, and the flat methods stay functions of the class."""
    document = tagged(document, {"repos/list-issues": ["repos", "issues"], "repos/import": ["repos"], "ping": []})
    program = f"""{PROGRAM}
client.repos.list_issues()
client.issues.repos_list_issues()
client.with_options(base_url="http://other").repos.import_()
print(client.repos.__doc__, [name for name, value in vars(ThingsClient).items() if inspect.isfunction(value)])
"""
    lines = run(load, document, tmp_path, program, THING, THING, THING)

    assert [line.split()[1] for line in lines[:3]] == ["http://host/0", "http://host/0", "http://other/1"]
    assert lines[3] == "All about repositories. ['repos_list_issues', 'repos_import', 'ping']"


@pytest.mark.parametrize(
    ("operations", "attribute"),
    [
        ({"search": ["search"], "searchAll": ["search"], "other": ["b"]}, "search_operations"),
        ({"a": ["close"], "b": ["close"], "c": ["with options"]}, "close_operations"),
        ({"a": ["!!"], "b": ["!!"], "c": ["x"]}, "group"),
    ],
    ids=["an operation", "the runtime", "no letters"],
)
def test_a_group_takes_no_name_that_is_used(
    document: Document, load: Load, tmp_path: Path, operations: dict[str, list[str]], attribute: str
) -> None:
    """The method keeps its name."""
    program = f"{PROGRAM}print(isinstance(getattr(ThingsClient, {attribute!r}), property))"

    assert run(load, tagged(document, operations), tmp_path, program) == ["True"]


@pytest.mark.parametrize("operations", [{"a": ["one"], "b": ["two"]}, {"a": ["one"], "b": ["one"]}], ids=["one each", "one tag"])
def test_tags_that_group_nothing_leave_the_client_flat(document: Document, load: Load, operations: dict[str, list[str]]) -> None:
    """There is no module of groups."""
    assert "groups.py" not in generate_python(load(tagged(document, operations))).files


def test_groups_are_as_typed_as_the_methods(document: Document, load: Load, tmp_path: Path) -> None:
    """A wrong argument and a wrong result are found."""
    place = generate_python(load(tagged(document, {"a": ["one"], "b": ["one"], "c": ["two"]}))).write(tmp_path / "out")
    (tmp_path / "out" / "use.py").write_text(
        "from things import Thing, ThingsClient\n"
        "def use(client: ThingsClient) -> str:\n"
        "    thing: Thing = client.one.a()\n"
        "    client.one.b(nonsense=1)\n"
        "    return client.two.c().class_\n"
    )
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", f"--cache-dir={tmp_path / 'cache'}", place.name, "use.py"]
    done = subprocess.run(command, cwd=tmp_path / "out", capture_output=True, text=True, check=False)

    errors = [line for line in done.stdout.splitlines() if ": error:" in line]
    assert ["nonsense" in error for error in errors] == [True], done.stdout


@pytest.mark.parametrize(
    ("contract", "expected"),
    [("todo", "todo"), ("todo-list", "todo_list"), ("json", "json_client"), ("import", "import_client"), ("pydantic", "pydantic_client")],
)
def test_a_package_hides_no_module_that_its_client_needs(contract: str, expected: Any) -> None:
    """Its folder is first on the path of a program beside it."""
    assert package_name(contract) == expected


def test_a_package_states_the_version_of_its_contract(document: Document, load: Load, tmp_path: Path) -> None:
    """Its path does not."""
    assert run(load, document, tmp_path, "import things; print(things.__api_version__)") == ["2.3.4"]
