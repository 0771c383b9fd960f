-- One table per entity: keys, references and times are columns, everything else is JSON in body.
-- References are checked when a transaction commits, so that it may remove a row and put it back changed.

create table revision (
  id integer primary key,
  number bigint not null
);
insert into revision (id, number) values (1, 0);

create table certificates (
  id text primary key,
  created_at bigint not null,
  updated_at bigint not null,
  body text not null
);

create table ca_certificates (
  id text primary key,
  created_at bigint not null,
  updated_at bigint not null,
  cert_digest text not null,
  body text not null
);
create unique index ca_certificates_cert_digest on ca_certificates (cert_digest);

create table services (
  id text primary key,
  created_at bigint not null,
  updated_at bigint not null,
  name text,
  client_certificate_id text references certificates (id) deferrable initially deferred,
  body text not null
);
create unique index services_name on services (name);
create index services_client_certificate_id on services (client_certificate_id);

create table routes (
  id text primary key,
  created_at bigint not null,
  updated_at bigint not null,
  name text,
  service_id text references services (id) deferrable initially deferred,
  body text not null
);
create unique index routes_name on routes (name);
create index routes_service_id on routes (service_id);

create table snis (
  id text primary key,
  created_at bigint not null,
  updated_at bigint not null,
  name text not null,
  certificate_id text not null references certificates (id) deferrable initially deferred,
  body text not null
);
create unique index snis_name on snis (name);
create index snis_certificate_id on snis (certificate_id);

create table plugins (
  id text primary key,
  created_at bigint not null,
  updated_at bigint not null,
  name text not null,
  instance_name text,
  service_id text references services (id) deferrable initially deferred,
  route_id text references routes (id) deferrable initially deferred,
  body text not null
);
create unique index plugins_instance_name on plugins (instance_name);
create index plugins_service_id on plugins (service_id);
create index plugins_route_id on plugins (route_id);
