"""An SVG badge of a certificate, to show on a page: it links to nothing and loads nothing."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

CHARACTER = 6.6
"""The average width of a character of the badge, in pixels."""
PADDING = 12
HEIGHT = 20


def badge_of(statement: Mapping[str, Any]) -> str:
    """The badge: the contract and its version, what was found, and until when it holds."""
    predicate = statement["predicate"]
    certified = predicate["verdict"] == "certified"
    left = f"{predicate['contract']['name']} {predicate['contract']['version']}"
    right = "certified" if certified else "not certified"
    if certified and predicate.get("draft"):
        right += " (draft)"
    if certified and predicate.get("waivers"):
        right += f", {len(predicate['waivers'])} waived"
    if certified:
        right += f" until {str(predicate['expires'])[:10]}"
    colour = "#116329" if certified else "#a40e26"
    before, after = (round(len(text) * CHARACTER + PADDING) for text in (left, right))
    label = escape(f"{left}: {right}", quote=True)
    middle = HEIGHT // 2 + 4
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{before + after}" height="{HEIGHT}" role="img" aria-label="{label}">'
        f"<title>{label}</title>"
        f'<rect width="{before}" height="{HEIGHT}" fill="#424a53"/>'
        f'<rect x="{before}" width="{after}" height="{HEIGHT}" fill="{colour}"/>'
        '<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle">'
        f'<text x="{before / 2}" y="{middle}">{escape(left)}</text>'
        f'<text x="{before + after / 2}" y="{middle}">{escape(right)}</text></g></svg>\n'
    )
