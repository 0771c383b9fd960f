-- The latest changes of the configuration, as JSON: what other nodes follow, and what can be looked up and taken back.
-- The id tells two histories apart that have come to the same number.

create table revisions (
  number bigint primary key,
  id text not null,
  created_at bigint not null,
  author text,
  changes text not null,
  undo text
);
create index revisions_created_at on revisions (created_at);
