"""A site into a folder: only into one that is empty, that a site was written to before, or that is forced."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from assay_contracts.errors import UsageError

MARKER = ".assay-site"
_OPENING = "Written by `assay contracts site`. These files are replaced, and removed when they are no longer part of the site:"


def write_site(files: Mapping[str, str], out: Path, *, force: bool = False) -> None:
    """Write the files, and remove those that the site had before and no longer has."""
    refuse_foreign(out, force=force)
    before = _listed(out)
    out.mkdir(parents=True, exist_ok=True)
    # First what will stand here, old and new, so that a run that is broken off can be repeated.
    _mark(out, {*before, *files})
    for name in sorted({*before} - {*files}):
        (out / name).unlink(missing_ok=True)
    for name, text in files.items():
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    _mark(out, {*files})


def refuse_foreign(out: Path, *, force: bool = False) -> None:
    """Refuse a file, and a folder with files that no site was written to, unless forced."""
    if out.exists() and not out.is_dir():
        raise UsageError(f"--out {out}", expected="a folder", actual="a file")
    if out.is_dir() and not (out / MARKER).is_file() and any(out.iterdir()) and not force:
        raise UsageError(
            f"--out {out}",
            expected="a new or empty folder, or one that this command wrote",
            actual="a folder with other files in it",
            next_step="name another, or add --force to write among them",
        )


def _listed(out: Path) -> tuple[str, ...]:
    """The files that the marker names, as far as they lie in the folder."""
    marker = out / MARKER
    if not marker.is_file():
        return ()
    lines = marker.read_text(encoding="utf-8", errors="replace").splitlines()[1:]
    root = out.resolve()
    return tuple(line for line in lines if line.endswith(".html") and (out / line).resolve().is_relative_to(root))


def _mark(out: Path, names: set[str]) -> None:
    (out / MARKER).write_bytes("\n".join((_OPENING, *sorted(names), "")).encode())
