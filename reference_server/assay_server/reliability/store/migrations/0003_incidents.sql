-- The state of the feed, its changes, and the counter whose row lock makes sequence numbers gapless.
create table incident_feeds (
  tenant_id   text collate "C" primary key,
  seq         int8 not null,
  detected_to timestamptz not null default 'epoch'  -- how far failures have been looked at
);

create table incidents (
  tenant_id   text collate "C" not null,
  incident_id text collate "C" not null,
  status      text not null,
  severity    text not null,
  component   text not null,
  updated_at  timestamptz not null,
  opened_at   timestamptz not null,
  primary key (tenant_id, incident_id)
);

create table incident_changes (
  tenant_id text collate "C" not null,
  seq       int8 not null,
  changes   jsonb not null,
  primary key (tenant_id, seq)
);
