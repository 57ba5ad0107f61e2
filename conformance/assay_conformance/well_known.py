"""What an implementation serves at `/.well-known/conformance.json`: what it is certified for, with the certificate itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

FORMAT = "assay-conformance/1"


def well_known_of(statement: Mapping[str, Any], certificate_data: bytes) -> bytes:
    """The document for one certificate, as it is given to the verifier; a reader checks it with `assay verify`."""
    predicate = statement["predicate"]
    entry = {name: predicate[name] for name in ("implementation", "contract", "verdict", "finished", "expires")}
    entry["waivers"] = len(predicate.get("waivers", ()))
    entry["draft"] = bool(predicate.get("draft"))
    entry["certificate"] = json.loads(certificate_data)
    return (json.dumps({"format": FORMAT, "certificates": [entry]}, indent=2, ensure_ascii=False) + "\n").encode()
