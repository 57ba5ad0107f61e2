"""Programs that call a generated client, in a Python of their own and on scripted responses."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from assay_codegen import generate_python

from tests.codegen.conftest import Document, Load

PRETENDED = """
import json, sys
sys.path.insert(0, sys.argv[1])
from assay_sdk import Answer, NO_RETRY, RetryPolicy
ANSWERS = json.loads(sys.argv[2])

class Pretended:
    async def send(self, request):
        shown = {name: request.headers[name] for name in ("Accept", "Content-Type", "Prefer") if name in request.headers}
        print(request.method, request.url, shown, (request.body or b"").decode())
        keys.append(request.headers.get("Idempotency-Key"))
        status, text = ANSWERS.pop(0)
        return Answer(status, {}, text.encode())
    async def close(self): pass

keys = []
"""


def run(load: Load, document: Document, folder: Path, program: str, *answers: tuple[int, str]) -> list[str]:
    """The lines that a program prints which uses the client of a document, on scripted answers."""
    place = generate_python(load(document)).write(folder / "out")
    command = [sys.executable, "-c", PRETENDED + program, str(place.parent), json.dumps(answers)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()
