"""The temporary table that facts are copied into, one in each connection; every commit empties it."""

from __future__ import annotations

STAGE = """
create temp table if not exists stage (
  tenant_id text collate "C", event_id text collate "C", event_time timestamptz, event_type text,
  channel text, component text, error_class text, retry_outcome text, latency_ms int, latency_bin int2,
  correlation_id text, scenario_id text, scenario_version text, step text
) on commit delete rows
"""
