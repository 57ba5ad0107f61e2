"""Media types: without their parameters, and whether bodies of one are JSON."""

from __future__ import annotations


def essence(media_type: str) -> str:
    """A media type without its parameters, in lower case.

    >>> essence("Application/JSON; charset=utf-8")
    'application/json'
    """
    return media_type.partition(";")[0].strip().lower()


def is_json(media_type: str) -> bool:
    """Whether a media type is JSON: `application/json`, or one with the suffix `+json`.

    >>> [is_json(media) for media in ("application/json; charset=utf-8", "application/problem+json", "text/csv", "application/jsonl")]
    [True, True, False, False]
    """
    return essence(media_type).endswith(("/json", "+json"))
