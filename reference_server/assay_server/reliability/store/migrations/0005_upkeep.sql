-- Where minutes and facts begin: what lies before was removed once the coarser buckets were verified.
alter table tenants add column minutes_from timestamptz not null default 'epoch';

create table kept_facts (
  only_row  bool primary key default true check (only_row),
  kept_from timestamptz not null
);

-- How far a backfill came, so that the same one goes on where it was stopped.
create table backfills (
  range_start timestamptz not null,
  range_end   timestamptz not null,
  tenant_id   text collate "C" not null,
  done_at     timestamptz not null default clock_timestamp(),
  primary key (range_start, range_end, tenant_id)
);
