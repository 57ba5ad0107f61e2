-- Where facts and hours begin, in seconds since 1970: what lies before was removed once the coarser buckets were verified.
alter table nostr_state
  add column facts_from int8 not null default 0,
  add column hours_from int8 not null default 0;
