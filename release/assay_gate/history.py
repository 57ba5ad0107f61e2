"""What git remembers: the locks of another revision, whose digests may never be written anew, and the documents of tags."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

from assay_conformance.errors import KitError

from assay_gate.errors import GateInputRefused

LOCKS = ("openapi/contracts.lock", "asyncapi/contracts.lock", "requirements/requirements.lock")


def unlocked_since(root: Path, revision: str) -> Iterator[str]:
    """The digests that the locks of a revision held and those here do not, one sentence each."""
    if revision.startswith("-") or _git(root, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}") is None:
        raise GateInputRefused(f"--since {revision}", expected="a revision of git", actual="none of that name in this repository")
    for name in LOCKS:
        path = root / name
        here = set(path.read_text(encoding="utf-8").splitlines()) if path.is_file() else set[str]()
        for line in (_git(root, "show", f"{revision}:./{name}") or "").splitlines():
            if line not in here:
                digest, _, file = line.partition("  ")
                yield f"{name}: {file} was released as {digest[:12]} in {revision}, and the lock no longer says so"


def tagged(pattern: str, path: str) -> Iterator[str]:
    """The addresses of a document in every tag of a pattern that has it, the oldest tag first."""
    if pattern.startswith("-") or _git(Path(), "rev-parse", "--git-dir") is None:
        raise GateInputRefused(f"--tags {pattern}", expected="a pattern of tags, in a git repository", actual="none")
    for tag in (_git(Path(), "tag", "--list", pattern, "--sort=creatordate") or "").splitlines():
        if _git(Path(), "cat-file", "-e", f"{tag}:./{path}") is not None:
            yield f"git:{tag}:{path}"


def _git(root: Path, *arguments: str) -> str | None:
    """What git answers, or None where it has no such thing."""
    try:
        done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=False)  # noqa: S603, S607
    except FileNotFoundError:
        raise KitError("assay gate", expected="git", actual="no such command", next_step="install git") from None
    return done.stdout if done.returncode == 0 else None
