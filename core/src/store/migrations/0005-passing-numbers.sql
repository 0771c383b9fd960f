-- Numbers of which every addition leaves again by itself: a row holds what is still in it, as text that the gateway
-- reads. It is replaced as a whole by who knows the version that it replaces, so that of two nodes one has to look again.

create table passing_numbers (
  instance_id text not null,
  key text not null,
  version bigint not null,
  parts text not null,
  expires_at bigint not null,
  primary key (instance_id, key)
);
create index passing_numbers_expires_at on passing_numbers (expires_at);
