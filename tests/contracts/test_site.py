"""The site: every page holds together, nothing of a contract can act on a page, and a difference is never lost."""

from __future__ import annotations

import copy
import re
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import yaml
from assay_compatibility.client.rules import SOURCE_RULES
from assay_compatibility.contract_changes import contract_changes
from assay_compatibility.explaining import every_page
from assay_compatibility.rules import RULES
from assay_contracts import AssayError, Contract, find_documents, load_contract, parse_bundle
from assay_contracts.cli import run
from assay_contracts.json_types import is_list, is_mapping
from assay_contracts.lint import RULES as LINT_RULES
from assay_contracts.site import Site, build_site, compare_contracts, installed_differ

Document = dict[str, Any]
HOSTILE = (
    "</title></style></script><script>alert(1)</script><img src=http://evil.example/x onerror=alert(1)> "
    "![x](http://evil.example/y) [z](javascript:alert(1))"
)


class Page(HTMLParser):
    """The identifiers, links and elements of one page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note one element."""
        given = dict(attrs)
        self.elements.append((tag, given))
        if given.get("id"):
            self.ids.append(str(given["id"]))
        if tag == "a":
            self.links.append(str(given.get("href")))


@pytest.fixture(scope="module")
def site() -> Site:
    """The site of the contracts of this repository."""
    return build_site(contract_changes, every_page)


@pytest.fixture(scope="module")
def pages(site: Site) -> dict[str, Page]:
    """Its pages, read."""
    return {name: Page(text) for name, text in site.files.items()}


def documents_of(root: Path, openapi: Document, asyncapi: Document | None = None, version: str = "1.0.0") -> None:
    """A contract version in a folder, beside the vocabulary of this repository."""
    for kind, document in (("openapi", openapi), ("asyncapi", asyncapi)):
        if document is not None:
            path = root / kind / "small" / f"{version}.yaml"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(yaml.safe_dump({**document, "info": {**document["info"], "version": version}}, sort_keys=False))
        if not (root / kind / "vocabulary").exists():
            (root / kind).mkdir(exist_ok=True)
            (root / kind / "vocabulary").symlink_to(find_documents().root / kind / "vocabulary")


def test_the_same_documents_give_the_same_bytes(site: Site) -> None:
    """Nothing of the clock, the machine or the hash seed is in a page."""
    assert build_site(contract_changes, every_page).files == site.files


def test_every_link_leads_somewhere(pages: dict[str, Page]) -> None:
    """Each relative link names a page of the site, and its fragment a place on that page."""
    dead = [
        (name, link)
        for name, page in pages.items()
        for link in page.links
        if not link.startswith(("http://", "https://")) and not leads(pages, name, link)
    ]

    assert dead == []


def leads(pages: dict[str, Page], name: str, link: str) -> bool:
    """Whether a link of a page leads to a place of the site."""
    path, _, fragment = link.partition("#")
    parts = name.split("/")[:-1] if path else name.split("/")
    for part in path.split("/") if path else []:
        parts = parts[:-1] if part == ".." else [*parts, part]
    target = pages.get("/".join(parts))
    return target is not None and (not fragment or fragment in target.ids)


def test_every_rule_has_a_page_that_lists_link(site: Site) -> None:
    """The rules of `assay diff`, of the client axis and of lint, each with an index; a change links to the page of its rule."""
    wanted = {f"rules/{id}.html" for id in (*RULES, "index", "policies", "client/index", "lint/index")}
    wanted |= {f"rules/client/{id}.html" for id in SOURCE_RULES} | {f"rules/lint/{id}.html" for id in LINT_RULES}

    assert {name for name in site.files if name.startswith("rules/")} == wanted
    assert site.rules == len(wanted)
    assert {"enum-value-added.html", "policies.html"} <= set(Page(site.files["rules/index.html"]).links)
    assert "../../rules/path-added.html" in Page(site.files["contracts/reliability/1.0.0-to-1.1.0.html"]).links


def test_the_page_of_an_annotation_shows_what_a_change_of_it_means(site: Site) -> None:
    """Each rule of the annotation is on it, with the property and a link to the rule's page."""
    text = site.files["vocabulary/x-cache.html"]

    assert {f"../rules/{rule.id}.html" for rule in RULES.values() if rule.area == "x-cache"} <= set(Page(text).links)
    assert "The longest cache lifetime was increased." in text
    assert "/maxAge/maximum" in text


def test_clauses_that_need_no_annotation_say_who_promises_them(site: Site) -> None:
    """In the words of the Markdown page, with every operation and channel that does, and each property that a clause depends on."""
    text = site.files["vocabulary/security.html"]

    assert "Every operation and every channel that requires a credential promises these clauses without an annotation." in text
    assert "promised with <code>/scopes</code></p>" in text
    assert "promised with <code>/*/ratio</code> or <code>/*/zeroWhen</code></p>" in site.files["vocabulary/x-derived.html"]
    secured = {operation.id for operation in load_contract("reliability@1.0.0").operations if operation.security}
    assert secured
    assert {f"../contracts/reliability/1.0.0.html#operation-{id}" for id in secured} <= set(Page(text).links)


def test_no_identifier_stands_twice_on_a_page(pages: dict[str, Page]) -> None:
    """A place on a page has a name of its own."""
    twice = {name: [id for id, times in Counter(page.ids).items() if times > 1] for name, page in pages.items()}

    assert {name: ids for name, ids in twice.items() if ids} == {}


def test_a_page_of_a_version_shows_everything_that_the_contract_has(site: Site) -> None:
    """Operations, channels, codes, clauses, messages, close codes and digest are all on it."""
    contract = load_contract("reliability@1.0.0")
    text = site.files["contracts/reliability/1.0.0.html"]
    ids = set(Page(text).ids)
    wanted = {f"operation-{operation.id}" for operation in contract.operations} | {f"channel-{channel.id}" for channel in contract.channels}
    wanted |= {f"clause-{clause.id}" for clause in contract.clauses()}
    wanted |= {f"code-{code}" for code in (contract.taxonomy.codes if contract.taxonomy else ())}
    wanted |= {f"schema-{name}" for name in contract.openapi["components"]["schemas"]}

    assert wanted - ids == set()
    assert contract.digest in text
    for words in ("Close codes", "4408", "Heartbeat", "at least every 10 seconds", "The client sends nothing"):
        assert words in text


def test_a_draft_is_marked_wherever_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, openapi: Document) -> None:
    """Who reads a page knows at once whether the version may still change."""
    documents_of(tmp_path, openapi)
    openapi["info"]["x-status"] = "draft"
    documents_of(tmp_path, openapi, version="1.1.0")
    monkeypatch.setenv("ASSAY_DOCUMENTS", str(tmp_path))
    files = build_site(contract_changes, every_page).files

    statuses = {
        name: re.findall(r'class="status (draft|released)"', text)
        for name, text in files.items()
        if "small" in name or name == "index.html"
    }
    assert statuses == {
        "index.html": ["draft", "released"],
        "contracts/small/1.0.0-to-1.1.0.html": ["released", "draft"],
        "contracts/small/1.0.0.html": ["released"],
        "contracts/small/1.1.0.html": ["draft"],
    }


def test_nothing_is_fetched_from_anywhere(pages: dict[str, Page]) -> None:
    """No page has an element that loads, and the policy of each forbids all but its own style and script."""
    for name, page in pages.items():
        loads = [given for tag, given in page.elements if tag not in ("a", "link") and {"src", "href", "action", "style"} & set(given)]
        links = [given.get("href") for tag, given in page.elements if tag == "link"]
        policy = [
            given["content"] for tag, given in page.elements if tag == "meta" and given.get("http-equiv") == "Content-Security-Policy"
        ]

        assert (name, loads, links, len(policy)) == (name, [], ["data:,"], 1)
        assert str(policy[0]).startswith("default-src 'none'; style-src 'sha256-")


def test_what_a_contract_says_never_becomes_markup(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, openapi: Document, asyncapi: Document
) -> None:
    """Every string of a document may be hostile: it is shown, not obeyed."""
    for version in ("1.0.0", "1.1.0"):
        documents_of(tmp_path, openapi, asyncapi, version)
        for document in (openapi, asyncapi):
            spoil(document)
    monkeypatch.setenv("ASSAY_DOCUMENTS", str(tmp_path))
    spoiled = build_site(contract_changes, every_page).files

    for name, text in spoiled.items():
        page = Page(text)
        assert [tag for tag, _ in page.elements if tag in ("script", "style")] == ["style", "script"], name
        assert not [
            tag for tag, given in page.elements if tag in ("img", "iframe", "object") or any(key.startswith("on") for key in given)
        ], name
        assert not [link for link in page.links if link.startswith("javascript:")], name
    assert "alert(1)" in spoiled["contracts/small/1.1.0.html"]
    assert "alert(1)" in spoiled["contracts/small/1.0.0-to-1.1.0.html"]


def spoil(value: Any) -> None:
    """Make every description, summary, title and example of a document hostile."""
    if is_mapping(value):
        for key, item in value.items():
            if isinstance(item, str) and key in ("description", "summary", "title", "sentence"):
                value[key] = HOSTILE
            elif key in ("example", "examples") and not is_mapping(item):
                value[key] = [HOSTILE] if key == "examples" else HOSTILE
            else:
                spoil(item)
    elif is_list(value):
        for item in value:
            spoil(item)


@pytest.mark.parametrize("odd", [None, 5, "text", [], {}, [1, {"a": 2}], {"x": {"y": []}}], ids=repr)
def test_a_document_that_is_odd_anywhere_is_shown_all_the_same(odd: Any, openapi: Document, asyncapi: Document) -> None:
    """What parsing lets through, the pages can say; nothing else than an explained error ever comes of it."""
    from assay_contracts.site.version import view_version

    whole = parse_bundle(openapi, asyncapi)
    count = 0
    for kind, document in (("openapi", openapi), ("asyncapi", asyncapi)):
        for path in list(leaves(document))[::4]:
            other = copy.deepcopy({"openapi": openapi, "asyncapi": asyncapi})
            place: Any = other[kind]
            for key in path[:-1]:
                place = place[key]
            place[path[-1]] = odd
            try:
                contract = parse_bundle(other["openapi"], other["asyncapi"])
                view_version(contract)
                compare_contracts(whole, contract, contract_changes)
            except AssayError:
                continue
            count += 1

    assert count > 0


def leaves(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The way to every plain value of a document."""
    if is_mapping(value) and value:
        for key, item in value.items():
            yield from leaves(item, (*path, key))
    elif is_list(value) and value:
        for index, item in enumerate(value):
            yield from leaves(item, (*path, index))
    else:
        yield path


def changed(document: Document, path: tuple[str | int, ...], *, drop: bool) -> Document:
    """The document with one value taken away or made another."""
    copied = copy.deepcopy(document)
    place: Any = copied
    for key in path[:-1]:
        place = place[key]
    if drop:
        del place[path[-1]]
    else:
        old = place[path[-1]]
        place[path[-1]] = not old if isinstance(old, bool) else old + 1 if isinstance(old, int | float) else "another"
    return copied


@pytest.mark.parametrize("drop", [False, True], ids=["changed", "dropped"])
@pytest.mark.parametrize(
    ("kind", "step"),
    [
        ("openapi", 16),
        ("asyncapi", 5),
        pytest.param("openapi", 3, marks=[pytest.mark.slow, pytest.mark.exhaustive]),
        pytest.param("asyncapi", 1, marks=[pytest.mark.slow, pytest.mark.exhaustive]),
    ],
)
def test_no_difference_is_lost(kind: str, step: int, drop: bool) -> None:
    """Whatever single value of a real contract is changed or dropped, the list of changes is not empty.

    Left out are values that a default repeats: a message's content type is the document's, and a handshake is a GET of objects.
    """
    whole = load_contract("reliability@1.0.0")
    documents: dict[str, Document] = {"openapi": whole.openapi, "asyncapi": whole.asyncapi or {}}
    lost: list[tuple[str | int, ...]] = []
    for path in list(leaves(documents[kind]))[::step]:
        other = {**documents, kind: changed(documents[kind], path, drop=drop)}
        # Only the documents differ: what is parsed from them stays, so that values no parser takes can be tried too.
        new = Contract(whole.id, other["openapi"], other["asyncapi"], whole.operations, whole.channels, whole.taxonomy, whole.promises, "")
        try:
            if not compare_contracts(whole, new, contract_changes).areas and not {"defaultContentType", "contentType", "ws"} & {*path}:
                lost.append(path)
        except AssayError:
            # What is no document of its kind any more is rejected, which nobody overlooks.
            continue

    assert lost == []


def test_a_version_does_not_differ_from_itself() -> None:
    """Equal documents have no change, whatever the order of their properties."""
    contract = load_contract("reliability@1.0.0")
    turned = parse_bundle(backwards(contract.openapi), backwards(contract.asyncapi))

    assert compare_contracts(contract, turned, contract_changes).areas == ()


def backwards(value: Any) -> Any:
    """A value with the properties of every object in the opposite order."""
    if is_mapping(value):
        return {key: backwards(value[key]) for key in reversed(value)}
    return [backwards(item) for item in value] if is_list(value) else value


def test_changes_are_those_of_diff_by_class(tmp_path: Path, openapi: Document) -> None:
    """The page shows what `assay diff` finds, the breaking first, with the operations that each change reaches."""
    documents_of(tmp_path, openapi)
    later = copy.deepcopy(openapi)
    later["components"]["parameters"]["size"]["schema"]["maximum"] = 10
    later["components"]["schemas"]["Item"]["properties"]["name"] = {"type": "string"}
    documents_of(tmp_path, later, version="1.1.0")
    old, new = (load_contract(tmp_path / "openapi" / "small" / f"{version}.yaml") for version in ("1.0.0", "1.1.0"))

    comparison = compare_contracts(old, new, installed_differ())

    lowered = next(change for change in comparison.areas[0].changes if change.rule == "maximum-decreased")
    assert comparison.areas[0].title == "Breaking"
    assert (lowered.before, lowered.after, lowered.reaches) == ("50", "10", ("GET /items",))
    assert comparison.places["GET /items"] == "operation-listItems"
    assert any("name" in change.pointer for area in comparison.areas for change in area.changes)


def test_the_page_of_a_pair_of_versions_shows_every_change(site: Site) -> None:
    """Each finding stands on it once, with its rule and its pointer."""
    old, new = (load_contract(f"reliability@{version}") for version in ("1.0.0", "1.1.0"))
    page = site.files["contracts/reliability/1.0.0-to-1.1.0.html"]

    changes = contract_changes(old, new)

    assert page.count("<article") == len(changes)
    assert {change.rule for change in changes} == set(re.findall(r'<p class="quiet">(?:<a [^>]*>)?<code>([\w-]+)</code>', page))


@pytest.fixture
def small_site(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, openapi: Document) -> Site:
    """The site of a folder with one small contract, which the commands find."""
    root = tmp_path_factory.mktemp("documents")
    documents_of(root, openapi)
    monkeypatch.setenv("ASSAY_DOCUMENTS", str(root))
    return build_site(contract_changes, every_page)


def test_the_command_writes_what_it_builds(tmp_path: Path, small_site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    """Every page is in the folder, and the last line says where to begin."""
    assert run(["contracts", "site", "--out", str(tmp_path / "site")]) == 0

    written = {path.relative_to(tmp_path / "site").as_posix(): path.read_text() for path in (tmp_path / "site").rglob("*.html")}
    assert written == small_site.files
    assert re.search(r"wrote \d+ pages .*index\.html$", capsys.readouterr().out.strip())


@pytest.mark.usefixtures("small_site")
def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder with other files is refused in one line, unless it is forced, and then they stay."""
    (tmp_path / "mine.txt").write_text("mine")

    assert run(["contracts", "site", "--out", str(tmp_path)]) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
    assert "--force" in capsys.readouterr().err
    assert run(["contracts", "site", "--out", str(tmp_path / "mine.txt")]) == 2
    assert run(["contracts", "site", "--out", str(tmp_path), "--force"]) == 0
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_a_page_that_is_no_longer_part_of_the_site_goes(tmp_path: Path, site: Site) -> None:
    """Writing again removes what the site had before, and nothing that a marker names outside the folder."""
    from assay_contracts.site.writing import MARKER, write_site

    out, outside = tmp_path / "site", tmp_path / "outside.html"
    outside.write_text("kept")
    write_site({"index.html": "1", "old/page.html": "2"}, out)
    (out / MARKER).write_text((out / MARKER).read_text() + "../outside.html\n")
    write_site({"index.html": "3"}, out)

    assert sorted(path.name for path in out.rglob("*") if path.is_file()) == [MARKER, "index.html"]
    assert (out / "index.html").read_text() == "3"
    assert outside.read_text() == "kept"


def test_without_its_packages_the_command_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Jinja2 comes with an extra; without it one line names the command that installs it."""
    import sys

    for name in [name for name in sys.modules if name.startswith("assay_contracts.site")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "jinja2", None)

    assert run(["contracts", "site", "--out", str(tmp_path)]) == 3
    assert 'pip install "assay[release]"' in capsys.readouterr().err
