"""The reference of the runtime says what the docstrings say."""

from __future__ import annotations

import assay_sdk
import runtime_reference


def test_the_page_is_current() -> None:
    """`python tools/runtime_reference.py` writes it."""
    assert runtime_reference.PAGE.read_text(encoding="utf-8") == runtime_reference.page()


def test_every_exported_name_is_on_the_page() -> None:
    """But for our own generated clients."""
    headings = {line.removeprefix("### ").strip("`") for line in runtime_reference.page().splitlines() if line.startswith("### ")}

    assert headings - {"SyncClient", "AsyncClient"} == set(assay_sdk.__all__) - {"AsyncReliabilityClient", "ReliabilityClient"}
