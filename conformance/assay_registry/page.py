"""The registry as a page: implementations by contract version, with state and end."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence

import jinja2

from assay_registry.checking import Checked


def registry_page(checked: Sequence[Checked], now: dt.datetime) -> str:
    """One HTML page that loads nothing."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("assay_registry", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.ChainableUndefined,
    )
    rows: dict[str, list[Checked]] = defaultdict(list)
    for item in checked:
        if "contract" in item.entry and "implementation" in item.entry:
            rows[f"{item.entry['contract'].get('name')} {item.entry['contract'].get('version')}"].append(item)
    return environment.get_template("registry.html.j2").render(contracts=sorted(rows.items()), today=now.date().isoformat())
