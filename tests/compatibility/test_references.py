"""Documents of several files: whence they are read, how far they reach, and what is told when something is not there."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from assay_compatibility.comparing import compare
from assay_compatibility.documents import parse_document, read_document
from assay_compatibility.errors import DocumentRefused

MAIN = """
openapi: 3.1.0
info: {title: Pets, version: 1.0.0}
paths:
  /pets: {$ref: "paths.yaml#/pets"}
  /cats:
    get:
      responses:
        "200":
          description: fine
          content: {application/json: {schema: {$ref: "./schemas/Pet.yaml"}}}
"""
PATHS = """
pets:
  post:
    requestBody: {content: {application/json: {schema: {$ref: "schemas/Pet.yaml"}, example: {$ref: "no reference"}}}}
    responses: {"200": {$ref: "#/ok"}}
ok: {description: fine}
"""
PET = """
type: object
properties:
  name: {type: string, maxLength: 9}
  mate: {$ref: "#"}
  owner: {$ref: "../owner.json#/Owner"}
"""
OWNER = '{"Owner": {"properties": {"pet": {"$ref": "schemas/Pet.yaml"}, "about": {"$ref": "main.yaml#/info"}}}}'


def written(folder: Path, *, longest: int = 9, **replaced: str) -> Path:
    """The document with its neighbours, in that folder."""
    (folder / "schemas").mkdir(parents=True)
    (folder / "main.yaml").write_text(replaced.get("main", MAIN))
    (folder / "paths.yaml").write_text(replaced.get("paths", PATHS))
    (folder / "owner.json").write_text(OWNER)
    (folder / "schemas" / "Pet.yaml").write_text(PET.replace("9", str(longest)))
    return folder / "main.yaml"


def findings(old: str | Path, new: str | Path) -> list[tuple[str, str, str, tuple[str, ...]]]:
    """What the comparison of two documents says."""
    found = compare(read_document(str(old)), read_document(str(new)))
    return [(finding.level.value, finding.rule, finding.pointer.partition("/properties")[0], finding.reaches) for finding in found.findings]


LESS = [
    ("major", "max-length-decreased", "schemas/Pet.yaml#", ("POST /pets",)),
    ("minor", "max-length-decreased", "schemas/Pet.yaml#", ("GET /cats",)),
]


def test_what_a_neighbour_says_is_part_of_the_document(tmp_path: Path) -> None:
    """A change of a shared file is one finding in each direction, with everything that it reaches; circles end."""
    assert findings(written(tmp_path / "old"), written(tmp_path / "new", longest=8)) == LESS


def test_a_document_of_several_files_against_itself_finds_nothing(tmp_path: Path) -> None:
    """Nothing changed, nothing is told."""
    assert findings(written(tmp_path / "old"), written(tmp_path / "new")) == []


def test_a_document_in_one_file_says_what_it_says_in_two(tmp_path: Path) -> None:
    """Where a schema is written changes nothing."""
    one = MAIN.replace('{$ref: "paths.yaml#/pets"}', "{}").replace('"./schemas/Pet.yaml"', '"#/components/schemas/Pet"')
    whole = one + "components: {schemas: {Pet: {type: object, properties: {name: {type: string}}}}}"
    two = one.replace("#/components/schemas/Pet", "schemas/Pet.yaml")
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas" / "Pet.yaml").write_text("{type: object, properties: {name: {type: string}}}")
    (tmp_path / "one.yaml").write_text(whole)
    (tmp_path / "two.yaml").write_text(two)

    assert findings(tmp_path / "one.yaml", tmp_path / "two.yaml") == []


def test_neighbours_are_read_from_the_revision_of_the_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The work tree has moved on; the revision has not."""
    monkeypatch.chdir(tmp_path)
    main = written(tmp_path / "api")
    for command in (["init", "-q"], ["add", "."], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "first"]):
        subprocess.run(["git", *command], check=True)
    (tmp_path / "api" / "schemas" / "Pet.yaml").write_text(PET.replace("9", "8"))

    assert findings("git:HEAD:api/main.yaml", main) == LESS
    assert findings("git:HEAD:api/main.yaml", "git:HEAD:api/main.yaml") == []
    monkeypatch.chdir(tmp_path / "api")
    assert findings("git:HEAD:main.yaml", "git:HEAD:api/main.yaml") == []


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    """A server of this machine that serves the folder."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path))) as server:
        running = threading.Thread(target=server.serve_forever, args=(0.01,))
        running.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            running.join()


def test_neighbours_of_a_url_are_asked_of_the_same_server(tmp_path: Path, served: str) -> None:
    """Relative addresses, and absolute ones of the same folder."""
    main = written(tmp_path / "old")
    near = MAIN.replace('"paths.yaml', f'"{served}/new/paths.yaml')
    written(tmp_path / "new", longest=8, main=near)

    assert findings(main, f"{served}/new/main.yaml") == LESS


@pytest.mark.parametrize(
    "reference",
    ["../old/paths.yaml#/pets", "%2e%2e/old/paths.yaml#/pets", "/old/paths.yaml#/pets", "file:///etc/hostname", "http://example.com/a.yaml",
     "//example.com/a.yaml", "http://127.0.0.1:1/new/paths.yaml"],
)  # fmt: skip
def test_a_document_from_a_url_reaches_nothing_outside_its_folder(reference: str, tmp_path: Path, served: str) -> None:
    """Neither above it, nor on another server, nor in the files of this machine."""
    written(tmp_path / "old")
    written(tmp_path / "new", main=MAIN.replace("paths.yaml#/pets", reference))

    with pytest.raises(DocumentRefused, match=r"new/main.yaml:5: \$ref"):
        read_document(f"{served}/new/main.yaml")


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("paths.yaml#/dogs", r"main.yaml:5: \$ref paths.yaml#/dogs: expected a value at /dogs in .*paths.yaml, got nothing there"),
        ("path.yaml#/pets", r"main.yaml:5: .*path.yaml: expected a YAML or JSON file, got no such file"),
        ("schemas", r"main.yaml:5: .*schemas: expected a file, got something else"),
        ("#/components/pathItems/a", r"main.yaml:5: \$ref #/components/pathItems/a: expected a value at"),
        ("#/paths/~1pets", r"main.yaml:5: .*expected an end, got a circle"),
        ("http://127.0.0.1:1/a.yaml", r"main.yaml:5: .*an absolute address out of reach; copy"),
        ("/etc/hostname", r"main.yaml:5: .*an absolute address out of reach; copy"),
        ("#pets", r"main.yaml:5: .*expected a JSON Pointer after #"),
    ],
)
def test_a_reference_that_leads_nowhere_is_told_with_its_line(reference: str, message: str, tmp_path: Path) -> None:
    """One error that says where it is written and what was expected."""
    main = written(tmp_path / "old", main=MAIN.replace("paths.yaml#/pets", reference))

    with pytest.raises(DocumentRefused, match=message):
        read_document(str(main))


def test_a_broken_reference_of_a_neighbour_is_told_where_it_is_written(tmp_path: Path) -> None:
    """The neighbour's file and line, not the document's."""
    main = written(tmp_path / "old", paths=PATHS.replace("#/ok", "#/fine"))

    with pytest.raises(DocumentRefused, match=r"old/paths.yaml:5: \$ref paths.yaml#/fine"):
        read_document(str(main))


def test_a_reference_that_nothing_needs_stops_nobody(tmp_path: Path) -> None:
    """A component that no operation reaches may be broken."""
    main = written(tmp_path / "old", main=f"{MAIN}components: {{schemas: {{Lost: {{$ref: 'gone.yaml'}}}}}}")

    assert findings(main, main) == []


def test_what_an_extension_calls_a_reference_is_its_own(tmp_path: Path) -> None:
    """Tools write addresses of their own there, to things that are no part of the document."""
    main = written(tmp_path / "old", main=MAIN + 'x-lambda: {$ref: "./lambda.zip"}\n')

    assert findings(main, main) == []


def test_yaml_is_read_by_its_later_rules() -> None:
    """Words and days are texts, numbers are numbers, and what aliases blow up is refused."""
    values = "{a: yes, b: 2020-01-01, c: 1e3, d: 12:30, 200: on, e: ~, f: true}"
    read = parse_document(f"openapi: 3.1.0\nx-values: {values}\n".encode(), "a").content["x-values"]
    bomb = "\n".join(["a0: &a0 [x, x]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9))])

    assert read == {"a": "yes", "b": "2020-01-01", "c": 1000.0, "d": "12:30", "200": "on", "e": None, "f": True}
    with pytest.raises(DocumentRefused, match="through aliases"):
        parse_document(bomb.encode(), "a")


def test_a_document_that_is_only_compared_is_read_tolerantly() -> None:
    """Merge keys merge, the last of two keys counts, and what is no JSON number is a string: lint rejects each, a comparison does not."""
    text = "openapi: 3.1.0\nx-base: &base {a: 1, b: 2}\nx-own: {<<: *base, b: 3, c: .inf, c: .nan}\n"
    one, two = (parse_document(text.replace("<<: *base", merge).encode(), "a").content["x-own"] for merge in ("<<: *base", "<<: [*base]"))

    assert one == two == {"a": 1, "b": 3, "c": ".nan"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b'{"openapi": "3.1.0", "paths": {]}', "a.json:1:32: expected JSON"),
        (b"openapi: 3.1.0\npaths: {/a: b: c}\n", "a.json:2:14: expected YAML, got a syntax error"),
        (b"a: 1\n---\nb: 1\n", "a.json:2:1: expected YAML"),
        (b"a: \x00", "a.json:1: expected text, got a NUL character"),
        (b"a: &x [*x]", "a.json:1:4: expected values that end, got an alias inside its own anchor"),
        (b"[" * 200_000, "a.json: expected at most 200 levels of nesting, got more"),
    ],
)
def test_a_text_that_is_neither_json_nor_yaml_is_told_with_its_place(text: bytes, message: str) -> None:
    """One line, and never the end of the process."""
    with pytest.raises(DocumentRefused) as caught:
        parse_document(text, "a.json")

    assert str(caught.value).startswith(message)


def test_a_neighbour_that_is_no_regular_file_is_not_read(tmp_path: Path) -> None:
    """A device has no end."""
    main = written(tmp_path / "old", main=MAIN.replace("paths.yaml#/pets", "endless"))
    (tmp_path / "old" / "endless").symlink_to("/dev/zero")

    with pytest.raises(DocumentRefused, match="expected a file, got something else"):
        read_document(str(main))
    shutil.rmtree(tmp_path / "old")
