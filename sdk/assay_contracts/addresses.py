"""Addresses of documents: what somebody names is a contract version, a file, or a URL of this machine.

A URL is handed round as a path, so that whatever a document refers to is read beside it, from the same server.
"""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from urllib.parse import urlsplit

from assay_contracts.contract_id import ContractId
from assay_contracts.errors import ContractError, DocumentMissing, DocumentUnreadable

_SUFFIXES = (".yaml", ".yml", ".json")
_URL = re.compile(r"(https?):/+(?=[^/])", re.IGNORECASE)
_TIMEOUT = 10.0


def contract_or_path(address: str) -> ContractId | Path:
    """The contract version that an address names, or the path of its document.

    `NAME@VERSION` is a version. A URL, what ends like a document, every file that exists, and what has a folder and
    no `@` in it is a path. Raises `ContractError` for anything else.

    >>> contract_or_path("reliability@1.0.0")
    ContractId(name='reliability', version='1.0.0')
    >>> contract_or_path("orders@2.json").name
    'orders@2.json'
    """
    try:
        return ContractId.parse(address)
    except ContractError:
        foldered = ("/" in address or "\\" in address) and "@" not in address
        if foldered or address.lower().endswith(_SUFFIXES) or _URL.match(address) or _is_file(Path(address)):
            return Path(address)
        raise


def url_of(path: Path) -> str | None:
    """The URL that a path stands for; None for a file.

    >>> url_of(Path("http://127.0.0.1:8000/openapi.json"))
    'http://127.0.0.1:8000/openapi.json'
    """
    written = path.as_posix()
    scheme = _URL.match(written)
    return f"{scheme[1].lower()}://{written[scheme.end() :]}" if scheme else None


def fetch(url: str, limit: int) -> bytes:
    """What a server of this machine sends for a URL, at most `limit` bytes.

    Raises `DocumentUnreadable` for any other machine and for any status but 200, and `DocumentMissing` for a 404.
    """
    import httpx

    if not _is_loopback(url):
        raise DocumentUnreadable(
            url, expected="a URL of this machine, such as http://127.0.0.1:8000/openapi.json", next_step="download the document first"
        )
    try:
        with httpx.stream("GET", url, timeout=_TIMEOUT, trust_env=False, follow_redirects=False) as response:
            if response.status_code == 404:
                raise DocumentMissing(url, expected="a document", actual="status 404")
            if response.status_code != 200:
                raise DocumentUnreadable(url, expected="status 200", actual=f"status {response.status_code}")
            content = b""
            for chunk in response.iter_bytes():
                content += chunk
                if len(content) > limit:
                    raise DocumentUnreadable(url, expected=f"at most {limit} bytes", actual="more")
            return content
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise DocumentUnreadable(url, expected="a response", actual=str(error) or type(error).__name__) from None


def _is_loopback(url: str) -> bool:
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
