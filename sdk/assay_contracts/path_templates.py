"""Path templates such as `/pets/{petId}`, as patterns for the paths of real requests."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import unquote


@lru_cache(maxsize=1024)
def path_pattern(template: str) -> re.Pattern[str]:
    """What fully matches every request to a path; its groups are the values of the path parameters, in order.

    >>> path_pattern("/pets/{petId}").fullmatch("/pets/7/").groups()
    ('7',)
    """
    parts = re.split(r"(\{[^}]*\})", template.rstrip("/"))
    return re.compile("".join("([^/]+?)" if part.startswith("{") else re.escape(part) for part in parts) + "/?")


def matchable(path: str) -> str:
    """The path of a request as it is matched: every segment decoded, a slash inside of one kept as `%2F`.

    >>> matchable("/caf%C3%A9/a%2Fb")
    '/café/a%2Fb'
    """
    return "/".join(unquote(segment).replace("/", "%2F") for segment in path.split("/"))
