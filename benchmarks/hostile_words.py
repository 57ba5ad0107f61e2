"""What hostile requests are made of, and what no response may say."""

from __future__ import annotations

import re

LEAKS = re.compile(
    rb"Traceback|File \"|site-packages|psycopg|sanic\.|asyncpg|assay_server|line \d+, in |syntax error at|relation \"|column \"|"
    rb"(?:select|insert|update|delete)\b[^\"]{0,80}\b(?:facts|rollup_|nostr_|executive_|incident|jobs)\w*|/usr/lib|/tmp/",
    re.IGNORECASE,
)
SQL = (
    "'", "';--", "' or '1'='1", "1; drop table x; --", "\" or \"\"=\"", "') union select null,null--", "0x31", "1e9999", "%27%20or%201=1",
    "pg_sleep(10)", "'||pg_sleep(10)||'", "$$;select 1;$$", "\\'; select 1; --", "1 or 1=1", "{{7*7}}", "${jndi:ldap://x}",
    "\x00", "\ud7ff",
    "a" * 5000, "-1", "9" * 40, "NaN", "null", "[]", "{}", "../../etc/passwd", "<script>alert(1)</script>", "%s%s%n", "٣", "\u202e",
)  # fmt: skip
PATHS = (
    "/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "//evil.example/x", "/./v1/analytics/failures", "/v1//analytics/failures", "/%00",
    "/%",
    "/%zz", "/v1/analytics/failures/", "/v1/analytics/failures;x=1", "/v1\\analytics", "/%c0%ae%c0%ae/", "/%ff%fe", "/" + "a" * 9000,
    "/V1/ANALYTICS/FAILURES", "/_assay/hook/faults/../../x", "/_assay/hook", "/metrics/../health", "/.git/config", "/openapi.json/..%2f",
    "*", "http://evil.example/v1/analytics/failures", "?", "/?" + "&" * 5000, "/#x", "/\u00e9", "/%F0%9F%92%A9" * 100,
)  # fmt: skip
