"""The site in a real browser: nothing overflows, nothing is fetched, nothing complains, and a keyboard is enough."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from assay_contracts.site import build_site, installed_differ, installed_rule_pages, write_site

PAGES = ("index.html", "contracts/reliability/1.0.0.html", "vocabulary/x-pagination.html", "vocabulary/x-stream.html")
WIDTHS = {"phone": (390, 844), "desktop": (1280, 900)}

# Every text on the page against the nearest background behind it, by the formula of WCAG 2.
CONTRAST = """
(() => {
  const parse = (color) => (color.match(/[\\d.]+/g) || []).map(Number);
  const shine = ([r, g, b]) => [r, g, b].map((c) => c / 255).map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (node) => {
    for (; node; node = node.parentElement) {
      const color = parse(getComputedStyle(node).backgroundColor);
      if (color.length < 4 || color[3] > 0) return color;
    }
    return [255, 255, 255];
  };
  const faint = new Set();
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode.parentElement;
    if (!walk.currentNode.textContent.trim() || !node.checkVisibility() || ["SCRIPT", "STYLE"].includes(node.tagName)) continue;
    const [a, b] = [shine(parse(getComputedStyle(node).color)), shine(behind(node))].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) faint.add(`${node.className || node.tagName}: ${walk.currentNode.textContent.trim().slice(0, 40)}`);
  }
  return [...faint];
})()
"""


# What is meant to be touched, apart from links within a sentence; WCAG 2.2 asks for 24 pixels.
SMALL = """
[...document.querySelectorAll("summary, input, .tap, .contents a, .top a, .chip")]
  .filter((node) => node.checkVisibility() && node.getBoundingClientRect().height < 24)
  .map((node) => `${node.className || node.tagName}: ${node.textContent.trim().slice(0, 40)}`)
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the site of this repository's contracts."""
    folder = tmp_path_factory.mktemp("site")
    write_site(build_site(installed_differ(), installed_rule_pages()).files, folder)
    return folder


def pages(site: Path) -> list[Path]:
    """One page of each kind; comparisons once there is more than one version."""
    return [*(site / name for name in PAGES), *sorted(site.glob("contracts/*/*-to-*.html"))[:2]]


def complaints(events: list[dict[str, Any]]) -> list[str]:
    """What the console and the script engine said."""
    found = ("Log.entryAdded", "Runtime.exceptionThrown", "Runtime.consoleAPICalled")
    return [str(event["params"]) for event in events if event.get("method") in found]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", sorted(WIDTHS))
def test_every_kind_of_page_fits_and_is_quiet(browser: Any, site: Path, screen: str, scheme: str) -> None:
    """No sideways scrolling, no complaint, no request beyond the file itself, and no text too faint to read."""
    width, height = WIDTHS[screen]
    for page in pages(site):
        events = browser.show(page, width=width, height=height, scheme=scheme)
        browser.run("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
        requested = [event["params"]["request"]["url"] for event in events if event.get("method") == "Network.requestWillBeSent"]

        assert complaints(events) == []
        assert [url for url in requested if not url.startswith(("file:", "data:", "about:"))] == []
        assert browser.run("document.documentElement.scrollWidth") <= width, page.name
        assert browser.run(CONTRAST) == [], page.name
        assert screen == "desktop" or browser.run(SMALL) == [], page.name


def test_a_printed_page_is_as_wide_as_the_paper_and_shows_what_was_folded(browser: Any, site: Path) -> None:
    """On paper nothing can be scrolled or opened, so nothing is cut off or left closed."""
    for page in pages(site):
        browser.show(page, width=700, height=1000)
        browser.call("Emulation.setEmulatedMedia", media="print")
        browser.run("dispatchEvent(new Event('beforeprint'))")
        wide = browser.run("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        closed = browser.run("document.querySelectorAll('details:not([open])').length")
        browser.call("Emulation.setEmulatedMedia", media="")

        assert (page.name, wide, closed) == (page.name, False, 0)


def test_the_filter_is_used_by_keyboard_alone(browser: Any, site: Path) -> None:
    """A slash reaches the filter, words narrow the page, Escape brings everything back."""
    browser.show(site / "contracts/reliability/1.0.0.html")
    visible = "[...document.querySelectorAll('article.operation')].filter((each) => each.checkVisibility()).map((each) => each.id)"
    every = browser.run(visible)
    browser.press("/")
    browser.type("INVALID_CURSOR")

    assert browser.run("document.activeElement.id") == "find"
    assert browser.run(visible) == ["operation-listFailures"]
    browser.press("Escape")
    assert browser.run(visible) == every


def test_the_first_tab_leads_past_the_header(browser: Any, site: Path) -> None:
    """Who reads with a keyboard reaches the content at once, and sees where they are."""
    browser.show(site / "index.html")
    browser.press("Tab")

    assert browser.run("document.activeElement.getAttribute('href')") == "#main"
    assert browser.run("document.activeElement.getBoundingClientRect().left >= 0") is True


def test_a_link_to_what_the_filter_hides_shows_it(browser: Any, site: Path) -> None:
    """Following a link ends the filter rather than leading nowhere."""
    browser.show(site / "contracts/reliability/1.0.0.html")
    browser.press("/")
    browser.type("listFailures")
    browser.run("location.hash = '#schema-Incident'; new Promise((done) => setTimeout(done, 50))")

    assert browser.run("document.getElementById('schema-Incident').checkVisibility()") is True


def test_without_scripts_everything_is_there(browser: Any, site: Path) -> None:
    """The filter, which would do nothing, is not shown; the rest is."""
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        browser.show(site / "contracts/reliability/1.0.0.html", scripts=False)
        hidden = browser.call("Runtime.evaluate", expression="document.querySelector('.finder').hidden", returnByValue=True)
        visible = browser.call("Runtime.evaluate", expression="document.querySelector('#clauses').checkVisibility()", returnByValue=True)
    finally:
        browser.call("Emulation.setScriptExecutionDisabled", value=False)

    assert (hidden["result"]["value"], visible["result"]["value"]) == (True, True)
