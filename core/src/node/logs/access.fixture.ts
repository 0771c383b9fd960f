import type { AccessEntry } from './access-line.ts'

/** For the tests: when every session ends. */
export const start = Date.parse('2026-01-02T03:04:05.006Z')

/** For the tests: a session that went well. */
export function summary(overrides: Partial<AccessEntry> = {}): AccessEntry {
  return {
    id: '1',
    client: { address: '192.0.2.1', port: 4711 },
    listener: { address: '127.0.0.1', port: 5555 },
    startedAt: start - 40,
    route: { id: 'r1', name: 'ssh', protocols: ['tcp'], tags: null },
    service: { id: 's1', name: null, protocol: 'tcp', host: 'up', port: 22, tags: null },
    protocol: 'tcp',
    hello: undefined,
    tls: undefined,
    target: { host: '10.0.0.1', port: 22 },
    tries: [],
    ending: 'client.closed',
    reason: undefined,
    status: 200,
    bytes: { client: { received: 10, sent: 20 }, upstream: { received: 20, sent: 10 } },
    latencies: { session: 40, kong: 3 },
    revision: 1,
    set: () => undefined,
    get: () => undefined,
    serialize: () => ({}),
    ...overrides,
  }
}
