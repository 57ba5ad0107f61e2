-- One row: how far the rollups reach, and when the last batch was accepted. Both are times of arrival.
create table nostr_state (
  one bool primary key default true check (one),
  folded_to timestamptz not null,
  accepted_at timestamptz not null
);
insert into nostr_state values (true, 'epoch', 'epoch');

-- An event id is a hash over the time of the event, so that one id has one place.
create table nostr_facts (
  event_id bytea not null,
  at int8 not null,
  accepted_at timestamptz not null,
  kind int2 not null,
  sender bytea not null,
  target bytea,
  answers bytea,
  satoshi int8 not null,
  hashtags bytea[] not null,
  relay text,
  primary key (event_id, at)
) partition by range (at);
create index nostr_facts_of_target on nostr_facts (target, at);

-- The facts of the last while once more, by their arrival: what the rollups lack, and what they have too much for an earlier moment.
create table nostr_recent (
  accepted_at timestamptz not null,
  at int8 not null,
  kind int2 not null,
  sender bytea not null,
  target bytea not null,
  answers bytea,
  satoshi int8 not null,
  hashtags bytea[] not null
);
create index nostr_recent_of_target on nostr_recent (target, accepted_at);
create index nostr_recent_by_arrival on nostr_recent (accepted_at);

create table nostr_posts (
  author bytea,
  event_id bytea,
  accepted_at timestamptz not null,
  primary key (author, event_id)
);

-- Counts by sender (dimension 0), by the post that is answered (1) and by hashtag (2), in hours and days. They add up, and can be
-- subtracted: every number of a window follows from them and from the facts at its edges.
create table nostr_rollups (
  target bytea,
  dimension int2,
  length int4,
  bucket int8,
  key bytea,
  posts int8 not null,
  replies int8 not null,
  reposts int8 not null,
  reactions int8 not null,
  zaps int8 not null,
  satoshi numeric not null,
  primary key (target, dimension, length, bucket, key)
);

create table nostr_rejections (
  received_at timestamptz not null default clock_timestamp(),
  code text not null,
  reason text not null,
  event_id text
);
create index nostr_rejections_by_arrival on nostr_rejections (received_at);
