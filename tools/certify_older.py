"""Certify each version of the reference server against every older version of its contract that it answers as well.

`python tools/certify_older.py --out FOLDER` starts the newer version, with the older one as the default of clients that name none where
clients can name one, and certifies it as any other target. Exit code 1 when a version is not certified.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from assay_contracts import ContractId, list_contracts, load_contract
from assay_server.rooms import ROOMS


def pairs() -> Iterator[tuple[ContractId, ContractId]]:
    """Each served version with each older one of its major."""
    served = [id for id in list_contracts() if any(room.contract == id.name and id.version in room.versions for room in ROOMS)]
    for newer in served:
        for older in served:
            if newer.name == older.name and newer.precedence[0] == older.precedence[0] and older.precedence < newer.precedence:
                yield newer, older


def certify(newer: ContractId, older: ContractId, out: Path) -> bool:
    """Whether the newer server is certified against the older version."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "target.toml"
        minor = older.version.rpartition(".")[0]
        taxonomy = load_contract(str(newer)).taxonomy
        named = taxonomy is not None and minor in taxonomy.schema_version.get("served", ())
        command = ["assay", "serve", "--contract", str(newer), "--sample", "small"]
        command += ["--default-version", f"{older.name}@{minor}"] if named else []
        command += ["--write-target", str(target), "--log-level", "error"]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 - the command is our own
        try:
            assert server.stdout is not None
            ready = server.stdout.readline()
            if not ready.startswith("ready "):
                return False
            certifying = ["assay", "certify", ready.split()[1], "--contract", str(older), "--target", str(target), "--out", str(out)]
            return subprocess.run(certifying, check=False).returncode == 0  # noqa: S603 - the command is our own
        finally:
            server.terminate()
            server.wait(20)


def main() -> None:
    """Certify every pair, or those of one contract."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--out", type=Path, required=True, help="where the certificates go")
    parser.add_argument("--name", help="only this contract")
    options = parser.parse_args()
    wanted = [(newer, older) for newer, older in pairs() if options.name in (None, newer.name)]
    if not wanted:
        parser.error(f"expected a contract of which two versions are served, got {options.name}")
    failed = [f"{newer} against {older}" for newer, older in wanted if not certify(newer, older, options.out / f"{newer}-{older.version}")]
    for line in failed:
        print(f"not certified: {line}", file=sys.stderr)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
