"""The matrix of declared version, derived class, and where the old version stands: every cell."""

from __future__ import annotations

import pytest
from assay_compatibility.bumps import Fit, judge, next_version
from assay_compatibility.classes import Severity
from assay_compatibility.errors import DocumentRefused
from assay_compatibility.versions import Bump, Version

LEVELS = ("none", "patch", "minor", "major")
FITS, SMALL, LARGE = "fits", "too-small", "too-large"

# old version -> declared version -> what is said when nothing, a patch, a minor or a major change was derived.
MATRIX: dict[str, dict[str, tuple[str, str, str, str]]] = {
    "1.2.3": {
        "1.2.2": (SMALL, SMALL, SMALL, SMALL),
        "1.2.3-rc.1": (SMALL, SMALL, SMALL, SMALL),
        "1.2.3": (FITS, SMALL, SMALL, SMALL),
        "1.2.4": (FITS, FITS, SMALL, SMALL),
        "1.3.0": (LARGE, LARGE, FITS, SMALL),
        "2.0.0": (LARGE, LARGE, LARGE, FITS),
        "1.2.5": (FITS, FITS, SMALL, SMALL),
        "1.4.0": (LARGE, LARGE, FITS, SMALL),
        "3.0.0": (LARGE, LARGE, LARGE, FITS),
        "1.2.4-rc.1": (FITS, FITS, SMALL, SMALL),
        "1.3.0-rc.1": (FITS, FITS, FITS, SMALL),
        "2.0.0-rc.1": (FITS, FITS, FITS, FITS),
    },
    "0.2.3": {
        "0.2.2": (SMALL, SMALL, SMALL, SMALL),
        "0.2.3": (FITS, SMALL, SMALL, SMALL),
        "0.2.4": (FITS, FITS, FITS, SMALL),
        "0.3.0": (LARGE, LARGE, LARGE, FITS),
        "0.3.0-rc.1": (FITS, FITS, FITS, FITS),
        "0.2.4-rc.1": (FITS, FITS, FITS, SMALL),
        "1.0.0": (FITS, FITS, FITS, FITS),
        "1.0.0-rc.1": (FITS, FITS, FITS, FITS),
        "1.1.0": (LARGE, LARGE, LARGE, LARGE),
        "2.0.0": (LARGE, LARGE, LARGE, LARGE),
    },
    "2.0.0-rc.1": {
        "1.9.0": (SMALL, SMALL, SMALL, SMALL),
        "2.0.0-beta.9": (SMALL, SMALL, SMALL, SMALL),
        "2.0.0-rc.1": (FITS, SMALL, SMALL, SMALL),
        "2.0.0-rc.2": (FITS, FITS, FITS, FITS),
        "2.0.0": (FITS, FITS, FITS, FITS),
        "2.0.1": (FITS, FITS, FITS, FITS),
        "2.1.0": (LARGE, LARGE, FITS, FITS),
        "3.0.0": (LARGE, LARGE, LARGE, FITS),
        "2.1.0-rc.1": (FITS, FITS, FITS, FITS),
    },
    "0.3.0-rc.1": {
        "0.3.0-rc.1": (FITS, SMALL, SMALL, SMALL),
        "0.3.0-rc.2": (FITS, FITS, FITS, FITS),
        "0.3.0": (FITS, FITS, FITS, FITS),
        "0.4.0": (LARGE, LARGE, LARGE, FITS),
        "1.0.0": (FITS, FITS, FITS, FITS),
        "1.0.0-rc.1": (FITS, FITS, FITS, FITS),
        "2.0.0": (LARGE, LARGE, LARGE, LARGE),
    },
    "1.0.0-rc.1": {
        "1.0.0-rc.2": (FITS, FITS, FITS, FITS),
        "1.0.0": (FITS, FITS, FITS, FITS),
        "1.1.0": (LARGE, LARGE, FITS, FITS),
    },
}
CELLS = [
    (old, declared, level, judgement)
    for old, row in MATRIX.items()
    for declared, judgements in row.items()
    for level, judgement in zip(LEVELS, judgements, strict=True)
]


@pytest.mark.parametrize(("old", "declared", "level", "fit"), CELLS)
def test_every_cell_of_the_matrix_is_judged(old: str, declared: str, level: str, fit: str) -> None:
    """What is declared fits what was derived, or is too small or too large for it."""
    found = judge(Version.parse(old), Version.parse(declared), Severity(level))

    assert found.fit is Fit(fit), found.reason


@pytest.mark.parametrize("old", ["1.2.3", "0.2.3", "2.0.0-rc.1", "0.0.1", "0.3.0-rc.1", "1.0.0"])
@pytest.mark.parametrize("level", LEVELS)
def test_the_version_owed_always_fits(old: str, level: str) -> None:
    """What `next-version` prints is what the gate lets pass, exactly."""
    version = Version.parse(old)

    assert judge(version, next_version(version, Severity(level)), Severity(level), exact=True).fit is Fit.FITS


@pytest.mark.parametrize(
    ("old", "level", "owed"),
    [
        ("1.2.3", "none", "1.2.3"),
        ("1.2.3", "patch", "1.2.4"),
        ("1.2.3", "minor", "1.3.0"),
        ("1.2.3", "major", "2.0.0"),
        ("0.2.3", "none", "0.2.3"),
        ("0.2.3", "patch", "0.2.4"),
        ("0.2.3", "minor", "0.2.4"),
        ("0.2.3", "major", "0.3.0"),
        ("2.0.0-rc.1", "major", "2.0.0"),
        ("2.0.0-rc.1", "patch", "2.0.0"),
        ("2.0.0-rc.1", "none", "2.0.0-rc.1"),
    ],
)
def test_the_version_owed_follows_from_the_class(old: str, level: str, owed: str) -> None:
    """Breaking owes major, additive minor; before 1.0.0 minor and patch; a pre-release owes its release."""
    assert str(next_version(Version.parse(old), Severity(level))) == owed


@pytest.mark.parametrize(
    ("old", "level", "owed"),
    [
        ("1.2.3", "major", "2.0.0-rc.1"),
        ("2.0.0-rc.1", "major", "2.0.0-rc.2"),
        ("2.0.0-rc", "major", "2.0.0-rc.1"),
        ("2.0.0-beta.4", "minor", "2.0.0-rc.1"),
    ],
)
def test_the_version_owed_can_be_a_pre_release(old: str, level: str, owed: str) -> None:
    """A label gives the next pre-release of the version owed."""
    assert str(next_version(Version.parse(old), Severity(level), "rc")) == owed


def test_a_version_that_leaves_out_another_is_too_large_when_exactness_is_asked() -> None:
    """Numbers may be left out, unless `--exact` says otherwise."""
    old, declared = Version.parse("1.0.0"), Version.parse("1.2.0")

    assert judge(old, declared, Severity.MINOR).fit is Fit.FITS
    assert judge(old, declared, Severity.MINOR, exact=True).fit is Fit.TOO_LARGE


def test_versions_have_the_order_of_semantic_versions() -> None:
    """Pre-releases come before their release, numbers before words, fewer parts before more."""
    written = ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0"]

    assert sorted(map(Version.parse, reversed(written))) == [Version.parse(text) for text in written]


@pytest.mark.parametrize(("text", "version"), [("v1.2.3", "1.2.3"), ("1.2", "1.2.0"), ("3", "3.0.0"), ("1.2.3+build.7", "1.2.3")])
def test_versions_are_read_as_people_write_them(text: str, version: str) -> None:
    """A leading v, missing parts and build metadata are let be."""
    assert str(Version.parse(text)) == version


@pytest.mark.parametrize("text", ["", "latest", "2023-08-16", "1.2.3.4", "-1.0.0"])
def test_what_is_no_version_is_refused(text: str) -> None:
    """A day or a word is no semantic version."""
    with pytest.raises(DocumentRefused, match="semantic version"):
        Version.parse(text)


def test_bumps_are_ordered() -> None:
    """From nothing to major."""
    assert [bump.rank for bump in Bump] == [0, 1, 2, 3]
