-- Numbers that plugins keep across restarts and, on one server, across nodes. They are no part of the configuration: no
-- revision counts them, and no reference ties them to the plugin, so that a late addition never fails for its sake.
-- The ceiling is what the last addition was not to pass: a statement that adds to many rows compares each with its own.

create table shared_numbers (
  instance_id text not null,
  key text not null,
  value bigint not null,
  ceiling bigint not null,
  expires_at bigint not null,
  primary key (instance_id, key)
);
create index shared_numbers_expires_at on shared_numbers (expires_at);
