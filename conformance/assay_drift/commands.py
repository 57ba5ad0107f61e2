"""`assay drift`: differences between a server, generated files or a second server and what they should match."""

from __future__ import annotations

import click

from assay_drift.compare_commands import compare
from assay_drift.generated_commands import generated
from assay_drift.propose_commands import propose
from assay_drift.server_commands import server

__all__ = ["drift"]


@click.group()
def drift() -> None:
    """Find drift of servers and generated files from their contract.

    \b
    Try:
      assay drift server http://127.0.0.1:8000 --contract reliability@1.0.0 --target target.toml
      assay drift server --har traffic.har --contract api.yaml
      assay drift propose --har traffic.har --contract api.yaml --out api-next.yaml
      assay drift generated
      assay drift compare http://127.0.0.1:8000 http://127.0.0.1:9000 --contract reliability@1.0.0 --target target.toml
    """


drift.add_command(server)
drift.add_command(propose)
drift.add_command(generated)
drift.add_command(compare)
