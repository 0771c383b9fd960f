-- Upstreams with their targets, and what is kept for the clients that manage it.
-- The times of targets are whole milliseconds, those of everything else whole seconds.

create table upstreams (
  id text primary key,
  created_at bigint not null,
  updated_at bigint not null,
  name text not null,
  client_certificate_id text references certificates (id) deferrable initially deferred,
  body text not null
);
create unique index upstreams_name on upstreams (name);
create index upstreams_client_certificate_id on upstreams (client_certificate_id);

create table targets (
  id text primary key,
  created_at bigint not null,
  updated_at bigint not null,
  target text not null,
  upstream_id text not null references upstreams (id) deferrable initially deferred,
  body text not null
);
create unique index targets_upstream_id_target on targets (upstream_id, target);

create table consumers (
  id text primary key,
  created_at bigint not null,
  updated_at bigint not null,
  username text,
  custom_id text,
  body text not null
);
create unique index consumers_username on consumers (username);
create unique index consumers_custom_id on consumers (custom_id);

alter table plugins add column consumer_id text references consumers (id) deferrable initially deferred;
create index plugins_consumer_id on plugins (consumer_id);

create table key_sets (
  id text primary key,
  created_at bigint not null,
  updated_at bigint not null,
  name text,
  body text not null
);
create unique index key_sets_name on key_sets (name);

create table keys (
  id text primary key,
  created_at bigint not null,
  updated_at bigint not null,
  name text,
  kid text not null,
  set_id text references key_sets (id) deferrable initially deferred,
  body text not null
);
create unique index keys_name on keys (name);
create index keys_set_id on keys (set_id);

create table vaults (
  id text primary key,
  created_at bigint not null,
  updated_at bigint not null,
  prefix text not null,
  body text not null
);
create unique index vaults_prefix on vaults (prefix);
