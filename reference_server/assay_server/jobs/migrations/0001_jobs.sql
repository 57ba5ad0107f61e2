create table jobs (
  job_id text primary key,
  kind text not null,
  owner text not null,
  question jsonb not null,
  same_as text,
  status text not null default 'queued' check (status in ('queued', 'running', 'complete', 'failed')),
  progress int2 not null default 0,
  phase int2 not null default 0,
  attempts int4 not null default 0,
  created_at timestamptz not null default clock_timestamp(),
  available_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null,
  result bytea,
  error jsonb
);

-- The same question of the same owner is the same job while it is under way.
create unique index jobs_same on jobs (kind, owner, same_as) where status in ('queued', 'running');
create index jobs_waiting on jobs (kind, available_at) where status in ('queued', 'running');
create index jobs_old on jobs (expires_at);
