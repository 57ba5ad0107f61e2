"""Malformed contract files: each gives one clear line and the exit code 2, never a traceback."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from assay_contracts import ContractError, load_contract
from assay_contracts.cli import run

Document = dict[str, Any]
Write = Callable[[str, Document], Path]

START = "openapi: 3.1.0\ninfo: {title: T, version: 1.0.0}\n"
EMPTY = START + "paths: {}\n"

TEXTS: dict[str, tuple[bytes, str]] = {
    "yaml-syntax": (b"openapi: 3.1.0\ninfo: {title: [}\n", ":2:"),
    "yaml-tab": (b"openapi: 3.1.0\ninfo:\n\ttitle: x\n", ":3:"),
    "two-documents": (EMPTY.encode() + b"---\na: 1\n", "document"),
    "empty": (b"", "an empty file"),
    "only-a-comment": (b"# nothing\n", "an empty file"),
    "a-list": (b"- openapi\n", "expected a mapping, got a list"),
    "a-string": (b"openapi", "expected a mapping, got the string"),
    "no-version": (b"info: {title: T, version: 1.0.0}\npaths: {}\n", "no property `openapi`"),
    "openapi-2.0": (b"swagger: '2.0'\npaths: {}\n", "expected openapi: 3.0.x, 3.1.x or 3.2.x, got Swagger 2.0"),
    "openapi-4.0": (EMPTY.replace("3.1.0", "4.0.0").encode(), "expected openapi: 3.0.x, 3.1.x or 3.2.x, got the string '4.0.0'"),
    "openapi-number": (EMPTY.replace("3.1.0", "3.1").encode(), "expected openapi: 3.0.x, 3.1.x or 3.2.x, got a number"),
    "asyncapi-2.6": (b"asyncapi: 2.6.0\ninfo: {}\nchannels: {}\n", "expected asyncapi: 3.0.x or 3.1.x, got the string '2.6.0'"),
    "asyncapi-without-channels": (b"asyncapi: 3.0.0\ninfo: {title: T, version: 1.0.0}\n", "channels: expected a mapping"),
    "no-info": (b"openapi: 3.1.0\npaths: {}\n", "info: expected a mapping, got null"),
    "version-a-list": (b"openapi: 3.1.0\ninfo: {title: T, version: [1]}\npaths: {}\n", "info/version: expected a string, got a list"),
    "no-paths": (START.encode(), "paths: expected a mapping, got null"),
    "paths-a-list": (START.encode() + b"paths: []\n", "paths: expected a mapping, got a list"),
    "path-without-slash": (START.encode() + b"paths: {items: {}}\n", "starts with /"),
    "operation-id-of-another-type": (
        START.encode() + b"paths: {/a: {get: {operationId: 3, responses: {}}}}\n",
        "operationId: expected a string",
    ),
    "responses-a-list": (
        START.encode() + b"paths: {/a: {get: {operationId: a, responses: []}}}\n",
        "contract.yaml:3:36: GET /a: responses: expected a mapping",
    ),
    "parameter-content-a-number": (
        START.encode() + b"paths: {/a: {get: {operationId: a, parameters: [{name: q, in: query, content: {a/b: 1}}]}}}\n",
        "content/a/b: expected a mapping, got a number",
    ),
    "a-name-without-end": (START.encode() + b"paths: {/a: {$ref: '" + b"x" * 5000 + b"'}}\n", "File name too long"),
    "parameter-nowhere": (
        START.encode() + b"paths: {/a: {get: {operationId: a, responses: {}, parameters: [{name: q, in: body}]}}}\n",
        "expected query, path, header or cookie",
    ),
    "dangling-local": (START.encode() + b"paths: {/a: {$ref: '#/nowhere'}}\n", "#/nowhere"),
    "dangling-file": (START.encode() + b"paths: {/a: {$ref: 'nowhere.yaml#/a'}}\n", "no such file"),
    "remote-reference": (START.encode() + b"paths: {/a: {$ref: 'https://example.com/a'}}\n", "remote address"),
    "absolute-reference": (START.encode() + b"paths: {/a: {$ref: '/etc/passwd'}}\n", "absolute or remote"),
    "reference-circle": (
        START.encode() + b"paths: {/a: {$ref: '#/components/pathItems/a'}}\n"
        b"components: {pathItems: {a: {$ref: '#/components/pathItems/b'}, b: {$ref: '#/components/pathItems/a'}}}\n",
        "circle",
    ),
    "reference-to-itself": (START.encode() + b"paths: {/a: {$ref: 'contract.yaml#/paths/~1a'}}\n", "circle"),
    "duplicate-key": (EMPTY.encode() + b"paths: {}\n", ":4:1: expected each key once, got the key 'paths' twice"),
    "merge-key": (START.encode() + b"paths: {<<: {}}\n", "merge key"),
    "latin-1": ("openapi: 3.1.0 # \xe9\n".encode("latin-1"), "expected UTF-8 text, got byte 0xe9"),
    "utf-16": (EMPTY.encode("utf-16"), "expected UTF-8 text"),
    "nul": (EMPTY.encode() + b"x: '\0'\n", ":4: expected text, got a NUL character"),
    "control-character": (EMPTY.encode() + b"x: \x07\n", "expected YAML"),
    "deep-flow": (b"a: " + b"[" * 100_000, "levels of nesting"),
    "deep-block": ("\n".join(" " * n + "a:" for n in range(3_000)).encode(), "levels of nesting"),
    "deep-dashes": (b"- " * 50_000 + b"a", "levels of nesting"),
    "alias-bomb": (
        b"a: &a [x,x,x,x,x,x,x,x,x,x]\n"
        + b"".join(b"%c: &%c [%s]\n" % (n, n, b",".join([b"*%c" % (n - 1)] * 10)) for n in range(98, 108)),
        "more, through aliases",
    ),
    "alias-inside-itself": (b"a: &a [*a]\n", "alias inside its own anchor"),
    "unknown-alias": (b"a: *nobody\n", "undefined alias"),
    "python-tag": (b"a: !!python/object/apply:os.system [ls]\n", "plain JSON values"),
    "binary-tag": (b"a: !!binary aGk=\n", "plain JSON values"),
    "not-a-number": (EMPTY.encode() + b"x: .nan\n", "expected a finite number"),
    "infinite": (EMPTY.encode() + b"x: 1e999\n", "expected a finite number"),
    "huge-integer": (EMPTY.encode() + b"x: " + b"9" * 5000 + b"\n", "at most 400 digits"),
    "list-as-key": (EMPTY.encode() + b"? [a]\n: 1\n", "a string as key"),
    "taxonomy-without-codes": (EMPTY.encode() + b"x-error-taxonomy: {}\n", "codes: expected a mapping"),
    "taxonomy-bad-status": (
        EMPTY.encode() + b"x-error-taxonomy: {codes: {A: {category: c, status: '400'}}}\n",
        "expected an HTTP status, got the string '400'",
    ),
    "codes-not-a-list": (
        START.encode() + b"paths: {/a: {get: {operationId: a, responses: {}, x-error-codes: A}}}\n",
        "x-error-codes: expected a list",
    ),
    "own-clause-without-level": (EMPTY.encode() + b"x-clauses: [{id: A-001, sentence: s}]\n", "expected MUST or SHOULD"),
}  # fmt: skip


@pytest.mark.parametrize("name", TEXTS)
def test_a_malformed_file_gives_one_line_and_exit_code_2(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever is wrong with the bytes, the answer is one line that names the file and what was expected."""
    content, message = TEXTS[name]
    path = tmp_path / "contract.yaml"
    path.write_bytes(content)

    code = run(["contracts", "show", str(path)])

    out, err = capsys.readouterr()
    assert (code, out) == (2, "")
    assert err.startswith("assay: error: ")
    assert err.count("\n") == 1
    assert len(err) < 600
    assert message in err


@pytest.mark.parametrize("name", TEXTS)
def test_linting_a_malformed_file_never_fails_otherwise(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Lint either names findings (1) or says that the file is unusable (2); it never breaks."""
    path = tmp_path / "contract.yaml"
    path.write_bytes(TEXTS[name][0])

    code = run(["contracts", "lint", str(path)])

    _, err = capsys.readouterr()
    assert code in (1, 2)
    assert "defect" not in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("content", "message"),
    [
        # Python 3.13 calls it an illegal trailing comma, older ones expect a property name.
        (b'{"openapi": "3.1.0",}', ": expected JSON, got a syntax error ("),
        (b'{"a": 1, "a": 2}', "got the key 'a' twice"),
        (b'{"a": NaN}', "expected finite numbers, got NaN"),
        (b'{"a": ' * 100_000, "levels of nesting"),
        (b"", "expected JSON, got an empty file"),
        (b'{"openapi": "3.1.0", "info": {"title": "\\ud800", "version": "1.0.0"}, "paths": {}}', "lone surrogate"),
    ],
)
def test_json_is_refused_for_the_same_reasons(content: bytes, message: str, tmp_path: Path) -> None:
    """A JSON contract is held to what a YAML one is."""
    path = tmp_path / "contract.json"
    path.write_bytes(content)

    with pytest.raises(ContractError) as caught:
        load_contract(path)

    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("missing/contract.yaml", "no such file"),
        (".", "NAME@MAJOR.MINOR.PATCH"),
        ("./", "a directory"),
        ("reliability", "NAME@MAJOR.MINOR.PATCH"),
        ("reliability@1", "NAME@MAJOR.MINOR.PATCH"),
        ("reliability@1.0.0.0", "NAME@MAJOR.MINOR.PATCH"),
        ("reliability@01.0.0", "NAME@MAJOR.MINOR.PATCH"),
        ("Reliability@1.0.0", "NAME@MAJOR.MINOR.PATCH"),
        ("../etc@1.0.0", "NAME@MAJOR.MINOR.PATCH"),
        ("@1.0.0", "NAME@MAJOR.MINOR.PATCH"),
        ("reliability@", "NAME@MAJOR.MINOR.PATCH"),
        ("nobody@1.0.0", "expected one of"),
        ("reliability@99.0.0", "expected one of"),
        ("", "NAME@MAJOR.MINOR.PATCH"),
    ],
)
def test_a_contract_that_is_not_there_is_named(
    source: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ids and paths that lead to nothing are refused with what would be accepted."""
    monkeypatch.chdir(tmp_path)

    code = run(["contracts", "show", source])

    _, err = capsys.readouterr()
    assert code == 2
    assert message in err


def test_a_version_that_contradicts_its_path_is_refused(
    openapi: Document, write: Write, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The file `small/1.0.0.yaml` cannot hold version 1.0.1."""
    openapi["info"]["version"] = "1.0.1"
    write("openapi/small/1.0.0.yaml", openapi)
    monkeypatch.setenv("ASSAY_DOCUMENTS", str(tmp_path))

    with pytest.raises(ContractError, match=r"expected 1\.0\.0, got 1\.0\.1"):
        load_contract("small@1.0.0")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"annotation": 1}, "expected a string"),
        ({"on": "moon"}, "some of operation, document, channel"),
        ({"on": []}, "some of operation, document, channel"),
        ({"clauses": [{"id": "MON-001", "level": "MAY", "sentence": "s"}]}, "expected MUST or SHOULD"),
        ({"clauses": [{"id": "MON-001", "level": "MUST", "sentence": "s"}] * 2}, "clause ids used once"),
        ({"clauses": {}}, "expected a list"),
        ({"schema": []}, "expected a mapping"),
    ],
)
def test_a_broken_vocabulary_is_refused(
    change: Document, message: str, openapi: Document, write: Write, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A file of the vocabulary that defines no annotation is an error of its own."""
    annotation: Document = {"annotation": "x-moon", "on": "operation", "schema": {}, "clauses": []}
    write("openapi/small/1.0.0.yaml", openapi)
    write("openapi/vocabulary/x-moon.yaml", copy.deepcopy(annotation) | change)
    monkeypatch.setenv("ASSAY_DOCUMENTS", str(tmp_path))

    with pytest.raises(ContractError) as caught:
        load_contract("small@1.0.0")

    assert message in str(caught.value)
    assert "x-moon.yaml" in str(caught.value)


def test_a_real_process_prints_one_line_too(tmp_path: Path) -> None:
    """What the tests above see in one process is what a shell sees."""
    path = tmp_path / "contract.yaml"
    path.write_bytes(TEXTS["deep-flow"][0])

    done = subprocess.run(
        [sys.executable, "-m", "assay_contracts", "contracts", "show", str(path)], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout) == (2, "")
    assert json.dumps(done.stderr).count("\\n") == 1
