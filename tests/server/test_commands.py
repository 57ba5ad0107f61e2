"""The options of the server are those that its page lists, each with the variable that sets it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from assay_server.commands import serve
from click.testing import CliRunner

PAGE = Path(__file__).parents[2] / "docs/guide/run-the-reference-server.md"
ROWS = re.findall(r"^\| (`--.*?) \| (`ASSAY_.*?) \|", PAGE.read_text("utf-8"), re.MULTILINE)


def test_the_page_lists_every_option_with_its_variable() -> None:
    """Names as click reads them from the environment; nothing else is listed."""
    listed: dict[str, str] = {}
    for options, variables in ROWS:
        names = re.findall(r"`(--[a-z-]+)[^`]*`", options)
        listed |= dict(zip(names, re.findall(r"`(ASSAY_[A-Z_]+)`", variables), strict=True))

    assert listed == {option.opts[0]: f"ASSAY_{str(option.name).upper()}" for option in serve.params if option.opts[0] != "--help"}


@pytest.mark.parametrize(
    ("arguments", "environment", "reason"),
    [
        (["--dsn", "x", "--data", "y"], {}, "got both"),
        (["--data", "y"], {"ASSAY_DSN": "x"}, "got both"),
        (["--algorithm", "ES256"], {}, "expected --token-key or --key-set"),
        (["--key-set", "https://issuer/keys"], {}, "HS256 has none"),
        (["--default-version", "reliability"], {}, "expected a contract and a version such as reliability@1.0"),
        ([], {"ASSAY_RATE_TENANT": "-1"}, "--rate-tenant"),
    ],
)
def test_options_that_do_not_go_together_are_bad_usage(arguments: list[str], environment: dict[str, str], reason: str) -> None:
    """Before anything is started; a variable is as good as an option."""
    result = CliRunner().invoke(serve, arguments, env=environment, auto_envvar_prefix="ASSAY")

    assert result.exit_code == 2
    assert reason in " ".join(result.output.split())
