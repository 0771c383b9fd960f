/** Rows and deltas for the tests of a store. */
import type {
  CaCertificate,
  Certificate,
  Change,
  Delta,
  EntityName,
  PluginRow,
  Route,
  Rows,
  Service,
  Sni,
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
