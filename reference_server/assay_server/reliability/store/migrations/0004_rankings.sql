-- The numbers that the pages of one walk over the ranking share, whichever server answers them.
create table rankings (
  ranking_id text primary key,
  made_at    timestamptz not null default clock_timestamp(),
  content    bytea not null
);

create index rankings_by_age on rankings (made_at);
