"""The door of the package."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import assay_sdk
import pytest


def test_everything_that_is_exported_is_there() -> None:
    """`__all__` is sorted as the linter sorts it, and each name leads somewhere."""
    assert all(getattr(assay_sdk, name) is not None for name in assay_sdk.__all__)
    assert dir(assay_sdk) == sorted(assay_sdk.__all__)
    assert set(assay_sdk.__all__) == set(assay_sdk._HOMES)


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    """As with any module."""
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        assay_sdk.Nothing  # noqa: B018


def test_importing_the_package_loads_none_of_its_libraries() -> None:
    """They come with the first name that needs them; websockets only with the first feed."""
    program = (
        "import sys, assay_sdk\n"
        "print(sorted({'pydantic', 'httpx', 'websockets'} & sys.modules.keys()))\n"
        "client = assay_sdk.ReliabilityClient('http://localhost:1')\n"
        "print(sorted({'pydantic', 'httpx', 'websockets'} & sys.modules.keys()))\n"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert found.stdout.splitlines() == ["[]", "['httpx', 'pydantic']"]


def test_the_package_is_typed() -> None:
    """The marker is beside the door."""
    assert Path(str(assay_sdk.__file__)).with_name("py.typed").exists()
