"""Reading any OpenAPI 3 or AsyncAPI 3 document: a file, a loopback URL, `git:REF:path`, NAME@VERSION, or already parsed."""

from __future__ import annotations

import ipaddress
import re
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson
import yaml

from assay_conformance.compatibility.errors import DocumentRefused
from assay_conformance.compatibility.places import Document
from assay_conformance.compatibility.values import is_array, is_object

KINDS = "an OpenAPI 3.0, 3.1 or 3.2 or an AsyncAPI 3 document"
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_document(source: str, *, kind: str = "openapi") -> Document:
    """The document that an address on the command line names."""
    if re.fullmatch(r"[A-Za-z][\w.-]*@\d+\.\d+\.\d+\S*", source) and not Path(source).exists():
        return _of_contract(source, kind)
    if source.startswith("git:"):
        text = _from_git(source)
    elif source.startswith(("http://", "https://")):
        text = _from_loopback(source)
    else:
        try:
            text = Path(source).read_bytes()
        except OSError as error:
            raise DocumentRefused(
                source, expected="a file, git:REF:path, a loopback URL or NAME@VERSION", actual=error.strerror or "nothing"
            ) from error
    return parse_document(text, source)


def parse_document(text: bytes, source: str) -> Document:
    """The document written in JSON or YAML."""
    try:
        content: Any = orjson.loads(text)
    except orjson.JSONDecodeError:
        try:
            content = _plain(yaml.load(text, Loader=_LOADER))  # noqa: S506 - the C twin of the safe loader
        except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
            raise DocumentRefused(source, expected="JSON or YAML", actual=" ".join(str(error).split())[:160]) from error
    document = as_document(content, source)
    document.text = text.decode("utf-8", "replace")
    return document


def as_document(content: Any, source: str = "inline document") -> Document:
    """A parsed value as a document, refused unless it is of a known kind and version."""
    if not is_object(content):
        raise DocumentRefused(source, expected=KINDS, actual=f"a {type(content).__name__}")
    held = content
    for kind in ("openapi", "asyncapi"):
        version = held.get(kind)
        if isinstance(version, str | float):
            found = re.match(r"3\.\d+", str(version))
            if found is None:
                raise DocumentRefused(source, expected=KINDS, actual=f"{kind} {version}")
            _check_shape(held, kind, source)
            return Document(held, kind, found[0], source)
    raise DocumentRefused(source, expected=KINDS, actual="neither of the members openapi and asyncapi")


def _check_shape(content: dict[str, Any], kind: str, source: str) -> None:
    for key in ("paths", "components", "webhooks", "info") if kind == "openapi" else ("channels", "operations", "components", "info"):
        if content.get(key) is not None and not is_object(content[key]):
            raise DocumentRefused(source, expected=f"an object at /{key}", actual=f"a {type(content[key]).__name__}")


def _of_contract(source: str, kind: str) -> Document:
    from assay_contracts import load_contract

    contract = load_contract(source)
    content = contract.openapi if kind == "openapi" or contract.asyncapi is None else contract.asyncapi
    return as_document(content, source)


def _from_git(source: str) -> bytes:
    parts = source.split(":", 2)
    if len(parts) != 3 or not parts[1] or parts[1].startswith("-"):
        raise DocumentRefused(source, expected="git:REF:path", actual=source)
    done = subprocess.run(["git", "show", f"{parts[1]}:./{parts[2]}"], capture_output=True, check=False)  # noqa: S603, S607
    if done.returncode:
        raise DocumentRefused(source, expected="a file in that revision", actual=done.stderr.decode("utf-8", "replace").strip())
    return done.stdout


def _from_loopback(source: str) -> bytes:
    import httpx

    host = urlsplit(source).hostname or ""
    try:
        near = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        near = False
    if not near:
        raise DocumentRefused(source, expected="an address of this machine", actual=host, next_step="download the document first")
    try:
        answer = httpx.get(source, timeout=10, trust_env=False)
    except httpx.HTTPError as error:
        raise DocumentRefused(source, expected="an answer", actual=str(error) or type(error).__name__) from error
    if answer.status_code != 200:
        raise DocumentRefused(source, expected="status 200", actual=str(answer.status_code))
    return answer.content


def _plain(value: Any) -> Any:
    """YAML's dates and other keys as the JSON they stand for."""
    if is_object(value):
        return {_key(key): _plain(each) for key, each in value.items()}
    if is_array(value):
        return [_plain(each) for each in value]
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def _key(key: Any) -> str:
    return {True: "true", False: "false"}[key] if isinstance(key, bool) else str(key)
