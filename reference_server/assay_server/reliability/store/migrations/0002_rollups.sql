-- What is counted per bucket. Minutes have no dimensions: with all of them they would be nearly as many as the facts.
create table rollup_minutes (
  tenant_id   text collate "C" not null,
  bucket      timestamptz not null,
  starts      int8 not null,
  submissions int8 not null,
  retried     int8 not null,
  failures    int8 not null,
  bins        int2[] not null,
  counts      int4[] not null,
  primary key (tenant_id, bucket)
);

-- Hours and days have a row for each channel with each error class, and '*' rows for all channels, all error classes
-- and both, so that every question reads exactly one row a bucket.
create table rollup_hours (
  tenant_id   text collate "C" not null,
  bucket      timestamptz not null,
  channel     text collate "C" not null,
  error_class text collate "C" not null,
  starts      int8 not null,
  submissions int8 not null,
  retried     int8 not null,
  failures    int8 not null,
  bins        int2[] not null,
  counts      int4[] not null,
  primary key (tenant_id, channel, error_class, bucket)
);

create table rollup_days (like rollup_hours including all);

-- Facts that came in below the watermark and are not folded yet; a reader adds them to what the rollups say.
create table late_facts (
  tenant_id     text collate "C" not null,
  event_id      text collate "C" not null,
  event_time    timestamptz not null,
  event_type    text collate "C" not null,
  channel       text collate "C" not null,
  error_class   text collate "C" not null,
  retry_outcome text collate "C" not null,
  latency_bin   int2,
  primary key (tenant_id, event_id)
);
