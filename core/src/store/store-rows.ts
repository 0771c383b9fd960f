/** Rows and deltas for the tests of a store. */
import type {
  CaCertificate,
  Certificate,
  Change,
  Consumer,
  Delta,
  EntityName,
  KeyRow,
  KeySet,
  PluginRow,
  Route,
  Rows,
  Service,
  Sni,
  TargetRow,
  Upstream,
  Vault,
} from '../entities/rows.ts'

export function delta(base: number, ...changes: readonly Change[]): Delta {
  return { base, revision: base + 1, changes }
}

export function put<E extends EntityName>(entity: E, row: Rows[E]) {
  return { op: 'put', entity, row } as const
}

export function remove(entity: Change['entity'], id: string): Change {
  return { op: 'delete', entity, id }
}

export function service(id: string): Service {
  return {
    id,
    created_at: 1_700_000_000,
    updated_at: 1_700_000_001,
    tags: ['blue'],
    name: `name-${id}`,
    protocol: 'tcp',
    host: 'upstream.test',
    port: 7000,
    path: null,
    retries: 5,
    connect_timeout: 60_000,
    write_timeout: 60_000,
    read_timeout: 60_000,
    client_certificate: null,
    tls_verify: true,
    tls_verify_depth: 2,
    ca_certificates: ['a1'],
    enabled: true,
  }
}

export function bareService(id: string): Service {
  return {
    ...service(id),
    tags: null,
    name: null,
    retries: null,
    connect_timeout: null,
    tls_verify: null,
    tls_verify_depth: null,
    ca_certificates: null,
    enabled: false,
  }
}

export function route(id: string, serviceId: string | null): Route {
  return {
    id,
    created_at: 1,
    updated_at: 2,
    tags: null,
    name: `name-${id}`,
    protocols: ['tls', 'tcp'],
    sources: [{ ip: '10.0.0.0/8', port: null }],
    destinations: [{ ip: null, port: 5555 }],
    snis: ['*.left.test', 'right.*'],
    service: serviceId === null ? null : { id: serviceId },
    preserve_host: false,
    methods: null,
    hosts: ['kept.test'],
    paths: null,
    headers: { 'x-kept': ['a', 'b'] },
    strip_path: true,
    request_buffering: true,
    response_buffering: true,
    https_redirect_status_code: 426,
    regex_priority: 0,
    path_handling: 'v0',
  }
}

export function certificate(id: string): Certificate {
  const pem = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n'
  const times = { created_at: 1, updated_at: 2, tags: null }
  return { id, ...times, cert: pem, key: 'key', cert_alt: null, key_alt: null }
}

export function sni(id: string, certificateId: string): Sni {
  const times = { created_at: 1, updated_at: 2, tags: null }
  return { id, ...times, name: `${id}.test`, certificate: { id: certificateId } }
}

export function caCertificate(id: string): CaCertificate {
  return { id, created_at: 1, updated_at: 2, tags: [], cert: 'pem', cert_digest: `digest-${id}` }
}

export function plugin(id: string, serviceId: string | null, routeId: string | null): PluginRow {
  return {
    id,
    created_at: 1,
    updated_at: 2,
    tags: null,
    name: 'example',
    instance_name: `instance-${id}`,
    service: serviceId === null ? null : { id: serviceId },
    route: routeId === null ? null : { id: routeId },
    consumer: null,
    config: { allow: ['10.0.0.0/8'], nested: { limit: 1.5, none: null, off: false } },
    protocols: ['tcp', 'tls', 'tls_passthrough'],
    enabled: true,
  }
}

export function upstream(id: string): Upstream {
  return {
    id,
    created_at: 1,
    updated_at: 2,
    tags: null,
    name: `${id}.test`,
    algorithm: 'round-robin',
    hash_on: 'none',
    hash_fallback: 'none',
    hash_on_header: null,
    hash_fallback_header: null,
    hash_on_cookie: null,
    hash_on_cookie_path: '/',
    hash_on_query_arg: null,
    hash_fallback_query_arg: null,
    hash_on_uri_capture: null,
    hash_fallback_uri_capture: null,
    slots: 10_000,
    healthchecks: { active: { type: 'tcp', timeout: 0.5, headers: null }, threshold: 12.5 },
    host_header: null,
    client_certificate: null,
    use_srv_name: false,
  }
}

/** Its times have milliseconds, whose sum with the seconds no binary fraction is exactly. */
export function target(id: string, upstreamId: string): TargetRow {
  return {
    id,
    created_at: 1_720_000_000.123,
    updated_at: 1_720_000_001.007,
    tags: ['blue'],
    upstream: { id: upstreamId },
    target: '[0000:0000:0000:0000:0000:0000:0000:0001]:80',
    weight: 0,
  }
}

export function consumer(id: string): Consumer {
  return { id, created_at: 1, updated_at: 2, tags: null, username: `name-${id}`, custom_id: null }
}

export function keySet(id: string): KeySet {
  return { id, created_at: 1, updated_at: 2, tags: null, name: `name-${id}` }
}

export function key(id: string, setId: string | null): KeyRow {
  return {
    id,
    created_at: 1,
    updated_at: 2,
    tags: null,
    name: null,
    set: setId === null ? null : { id: setId },
    kid: `kid-${id}`,
    jwk: null,
    pem: { private_key: null, public_key: 'pem' },
  }
}

export function vault(id: string): Vault {
  const times = { created_at: 1, updated_at: 2, tags: null }
  return {
    id,
    ...times,
    prefix: `a-${id}`,
    name: 'env',
    description: null,
    config: { prefix: 'x' },
  }
}
