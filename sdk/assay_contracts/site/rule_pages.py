"""The pages of rules on the site: written as Markdown by what declares the rules, rendered here.

The rules of `assay diff` belong to another package, which registers its pages under the entry-point group `assay.rule-pages`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.metadata import entry_points
from typing import Protocol

from assay_contracts.errors import ExtraMissing
from assay_contracts.site.rendering import Pages

GROUP = "assay.rule-pages"
_INDEX = "README.md"
_LINK = re.compile(r"\]\((?P<path>[\w./-]+)\.md(?=[)#])")


class RulePages(Protocol):
    """Gives the pages of all rules as Markdown, by folder (`""` for the rules of `assay diff`) and file name."""

    def __call__(self) -> Mapping[str, Mapping[str, str]]:
        """Every page; each folder has an index named `README.md`."""
        ...


def file_of(rule: str, folder: str = "") -> str:
    """The file of a rule's page.

    >>> file_of("path-removed")
    'rules/path-removed.html'
    """
    return "/".join(part for part in ("rules", folder, f"{rule}.html") if part)


def rule_files(folders: Mapping[str, Mapping[str, str]], pages: Pages) -> dict[str, str]:
    """The HTML of every page, by its file in the site."""
    files: dict[str, str] = {}
    for folder, texts in folders.items():
        root = "../../" if folder else "../"
        for name, text in texts.items():
            stem = "index" if name == _INDEX else name.removesuffix(".md")
            title = text.partition("\n")[0].removeprefix("# ")
            files[file_of(stem, folder)] = pages.render("rule", root, title=title, text=_linked(text), index=stem == "index", folder=folder)
    return files


def _linked(text: str) -> str:
    """The same Markdown, with links to HTML files instead of Markdown files."""
    return _LINK.sub(lambda found: f"]({re.sub('README$', 'index', found['path'])}.html", text)


def installed_rule_pages() -> RulePages:
    """The rule pages that are installed. Raises `ExtraMissing` when there are none."""
    for point in entry_points(group=GROUP):
        pages: RulePages = point.load()
        return pages
    raise ExtraMissing(
        "assay contracts site",
        expected="installed rule pages",
        actual="none",
        next_step='install them with: pip install "assay[release]"',
    )
