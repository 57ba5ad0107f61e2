-- What a job wrote so far, part by part, with the place in its source that each part ends at: whoever takes the job over goes on from there.
create table job_parts (
  job_id text not null references jobs on delete cascade,
  number int4 not null,
  content bytea not null,
  place jsonb,
  primary key (job_id, number)
);
