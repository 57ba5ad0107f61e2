"""A text or two of every format that JSON Schema names."""

from __future__ import annotations

EXAMPLES: dict[str, tuple[str, ...]] = {
    "date": ("2026-01-31",),
    "date-time": ("2026-01-31T10:00:00Z",),
    "duration": ("P1D",),
    "email": ("a@example.org",),
    "hostname": ("example.org",),
    "idn-email": ("a@example.org",),
    "idn-hostname": ("example.org",),
    "ipv4": ("192.0.2.1",),
    "ipv6": ("2001:db8::1",),
    "iri": ("https://example.org/a",),
    "iri-reference": ("/a",),
    "json-pointer": ("/a",),
    "regex": ("^a",),
    "relative-json-pointer": ("0/a",),
    "time": ("10:00:00Z",),
    "uri": ("https://example.org/a",),
    "uri-reference": ("/a",),
    "uri-template": ("/a/{b}",),
    "uuid": ("2eb8aa08-aa98-11ea-b4aa-73b441d16380",),
}
