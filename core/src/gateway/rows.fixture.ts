import type { PluginRow, Route, Service } from '../entities/rows.ts'
import { route } from '../routing/route.fixture.ts'

const common = { created_at: 0, updated_at: 0, tags: null }

/** For the tests: a service as it is stored. */
export function serviceRow(id: string, more: Partial<Service> = {}): Service {
  return {
    ...common,
    id,
    name: id,
    protocol: 'tcp',
    host: '127.0.0.1',
    port: 1,
    path: null,
    retries: 5,
    connect_timeout: 1000,
    write_timeout: 1000,
    read_timeout: 1000,
    client_certificate: null,
    tls_verify: null,
    tls_verify_depth: null,
    ca_certificates: null,
    enabled: true,
    ...more,
  }
}

/** For the tests: a route as it is stored; by default it takes everything from everywhere to its service. */
export function routeRow(id: string, service: string | null, more: Partial<Route> = {}): Route {
  return route({
    id,
    name: id,
    sources: [{ ip: '0.0.0.0/0', port: null }],
    service: service === null ? null : { id: service },
    ...more,
  })
}

/** For the tests: a plugin's row as it is stored, global by default. */
export function pluginRow(id: string, name: string, more: Partial<PluginRow> = {}): PluginRow {
  return {
    ...common,
    id,
    name,
    instance_name: null,
    service: null,
    route: null,
    consumer: null,
    config: {},
    protocols: ['tcp', 'tls', 'tls_passthrough'],
    enabled: true,
    ...more,
  }
}
