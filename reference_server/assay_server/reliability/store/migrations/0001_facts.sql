-- Facts, each once. The key of a partitioned table must hold the partition column, so being unique by event id
-- alone is the business of event_ids; facts carry no unique index of their own.
create table tenants (
  tenant_id text collate "C" primary key,
  closed_to timestamptz not null default 'epoch'  -- the watermark: buckets before it are in the rollups
);

create table event_ids (
  tenant_id  text collate "C" not null,
  event_id   text collate "C" not null,
  event_time timestamptz not null,                -- so that ids can leave together with their facts
  primary key (tenant_id, event_id)
);

-- An absent dimension is '', so that it can stand in a key.
create table facts (
  tenant_id        text collate "C" not null,
  event_id         text collate "C" not null,
  event_time       timestamptz not null,
  event_type       text collate "C" not null,
  channel          text collate "C" not null,
  component        text collate "C" not null,
  error_class      text collate "C" not null,
  retry_outcome    text collate "C" not null,
  latency_ms       int,
  latency_bin      int2,                          -- the sketch bin of latency_ms, computed where facts come in
  correlation_id   text not null,
  scenario_id      text not null,
  scenario_version text not null,
  step             text not null
) partition by range (event_time);

create index facts_by_time on facts (tenant_id, event_time, event_type);
create index failures_by_time on facts (tenant_id, event_time, event_id)
  where event_type in ('validation_failed', 'async_failure');
create index failures_by_error_and_time on facts (tenant_id, error_class, event_time, event_id)
  where event_type in ('validation_failed', 'async_failure');
create index failures_by_error on facts (tenant_id, error_class, event_id)
  where event_type in ('validation_failed', 'async_failure');
