-- What users of the dashboard did, and what was measured meanwhile. An event and its measurements are one transaction.
create table executive_events (
  event_id    text collate "C" primary key,
  subject     text collate "C" not null,
  event_type  text collate "C" not null,
  received_at timestamptz not null default clock_timestamp()
);
create index executive_events_by_time on executive_events (received_at);

create table executive_event_metrics (
  event_id text collate "C" not null references executive_events on delete cascade,
  metric   text collate "C" not null,
  value    float8 not null check (value >= 0),
  primary key (event_id, metric)
);
