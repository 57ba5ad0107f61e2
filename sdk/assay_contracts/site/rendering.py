"""Pages from templates: everything escaped, nothing fetched.

A page carries its own style and script. Its content security policy allows these two by their digests and nothing else,
so that whatever a contract says in its descriptions, a browser neither runs nor requests anything for it.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import lru_cache
from importlib.resources import files
from typing import Any

from assay_contracts.errors import ExtraMissing
from assay_contracts.site import wording

try:
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markdown_it import MarkdownIt
    from markupsafe import Markup, escape
except ModuleNotFoundError as error:
    raise ExtraMissing(
        "assay contracts site",
        expected=f"the package {error.name}",
        actual="none installed",
        next_step='install it with: pip install "assay[release]"',
    ) from error

# HTML inside a description is text, and an image would be a request.
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table").disable(["image", "html_block", "html_inline"])
_PLAIN = re.compile(r"[\w ,.;:()'\"/+%=?-]*\Z")
_SENTENCE = re.compile(r"[^\s\-*+|>#0-9].*[.:!?]")
_ANCHOR = re.compile(r"[^A-Za-z0-9_.-]+")


class Pages:
    """Renders the pages of one site."""

    def __init__(self) -> None:
        folder = files("assay_contracts.site") / "templates"
        style, script = ((folder / name).read_text(encoding="utf-8") for name in ("site.css", "site.js"))
        self._environment = Environment(
            loader=PackageLoader("assay_contracts.site", "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self._environment.filters |= {
            "prose": prose,
            "inline": inline,
            "anchor": anchor,
            "json": wording.in_json,
            "yaml": wording.in_yaml,
            "line": wording.in_line,
            "duration": wording.duration,
        }
        shared: dict[str, Any] = {
            "say": wording.say,
            "style": Markup(style),  # noqa: S704
            "script": Markup(script),  # noqa: S704
            "policy": "; ".join(
                (
                    "default-src 'none'",
                    f"style-src '{_source(style)}'",
                    f"script-src '{_source(script)}'",
                    "img-src data:",
                    "base-uri 'none'",
                    "form-action 'none'",
                )
            ),
        }
        self._environment.globals.update(shared)

    def render(self, template: str, root: str, **values: Any) -> str:
        """One page; `root` is the way from it to the folder of the site."""
        return self._environment.get_template(f"{template}.html.j2").render(root=root, **values)


@lru_cache(maxsize=8192)
def prose(text: str) -> Markup:
    """A description in Markdown as paragraphs.

    YAML's folded scalars turn a blank line into one line break: where every line is a whole sentence, each is a paragraph.
    """
    if "\n" in text and "\n\n" not in text and all(_SENTENCE.fullmatch(line) for line in text.rstrip("\n").split("\n")):
        text = text.replace("\n", "\n\n")
    return Markup(_MARKDOWN.render(text)) if text else Markup("")  # noqa: S704


@lru_cache(maxsize=8192)
def inline(text: str) -> Markup:
    """A sentence in Markdown as a run of text."""
    if _PLAIN.match(text):
        return escape(text)
    return Markup(_MARKDOWN.renderInline(text))  # noqa: S704


def anchor(name: str) -> str:
    """A name as the identifier of a place on a page."""
    return _ANCHOR.sub(lambda found: "".join(f"_{ord(letter):x}" for letter in found[0]), name)


def _source(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
