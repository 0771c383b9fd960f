import type { InjectOptions } from 'fastify'
import { fixedNames } from '../balancing/names.fixture.ts'
import { EntitySet } from '../entities/entity-set.ts'
import type { Plan } from '../entities/plan.ts'
import { testContext } from '../entities/world.fixture.ts'
import { wordMetrics } from '../node/metrics/exposition.ts'
import { PluginCosts } from '../node/metrics/plugin-costs.ts'
import { OperatorHealth } from '../node/health/operator-health.ts'
import { createAdmin } from './create-admin.ts'
import type { AdminDeps, AdminOptions } from './deps.ts'
import { defaultAdminOptions } from './deps.ts'

/** An Admin API over a configuration in memory; `logged` holds what it logged. */
export function testNode(options: Partial<AdminOptions> = {}, changed: Partial<AdminDeps> = {}) {
  const set = EntitySet.empty()
  const logged: unknown[] = []
  let draining = false
  const log = (fields: unknown, message: string) => void logged.push([fields, message])
  const deps: AdminDeps = {
    entities: () => set,
    write: async <R>(plan: (current: EntitySet) => Plan<R>): Promise<R> => {
      const { changes, result } = plan(set)
      set.apply(changes)
      return result
    },
    context: testContext(),
    version: '0.1.0',
    info: () => ({
      node_id: 'n',
      hostname: 'host',
      lua_version: 'none',
      timers: { running: 0, pending: 1 },
      configuration: { database: 'embedded' },
      plugins: { sample: { version: '1.0.0', priority: 1 } },
      pids: { master: 1, workers: [2] },
    }),
    status: () => ({
      ready: true,
      memory: { resident_bytes: 2 ** 20, heaps: [{ pid: 2, heap: 5_497_558 }] },
      server: { connections_active: 0 },
      database: { reachable: true },
    }),
    health: uncheckedHealth(set),
    metrics: {
      word: (isOpen) => {
        const values = [{ labels: {}, value: 1 }]
        const counted = {
          name: 'counted',
          help: 'h',
          type: 'gauge',
          aggregator: 'sum',
          values,
        } as const
        return wordMetrics([counted], isOpen)
      },
      costOf: async (id, plugin) => new PluginCosts().of(id, plugin),
    },
    timers: () => ({ worker: { id: 0, count: 1 }, stats: {} }),
    logLevel: { current: 'notice', change: () => undefined },
    readiness: {
      reason: () => (draining ? 'draining' : undefined),
      drain: (on) => void (draining = on),
    },
    logRequest: () => undefined,
    log: { debug: log, info: log, warn: log, error: log },
    options: { ...defaultAdminOptions, ...options },
    ...changed,
  }
  return { app: createAdmin(deps), deps, set, logged }
}

/** Nothing is checked; any name but those of `nowhere.test` has an address. */
function uncheckedHealth(entities: EntitySet): OperatorHealth {
  const names = fixedNames((host) => (host.endsWith('.nowhere.test') ? [] : ['127.0.0.1']))
  const off = { health: 'HEALTHCHECKS_OFF', manual: false } as const
  const knowledge = {
    isChecked: () => false,
    report: () => off,
    put: () => undefined,
    remove: () => undefined,
  }
  const write = () => Promise.reject(new Error('nothing is marked'))
  return new OperatorHealth({ entities, write }, knowledge, names)
}

type Node = ReturnType<typeof testNode>
export type Json = Record<string, unknown>

/** The rows of a list. */
export function dataOf({ json }: { readonly json: Json | undefined }): Json[] {
  return (json?.['data'] ?? []) as Json[]
}

export const form = 'application/x-www-form-urlencoded'

/** Sends `METHOD /path`; a body that is a text is a form. */
export async function send({ app }: Node, line: string, body?: Json | string, headers: Json = {}) {
  const [method, url] = line.split(' ') as [NonNullable<InjectOptions['method']>, string]
  const type = typeof body === 'string' ? { 'content-type': form } : {}
  const response = await app.inject({
    method,
    url,
    headers: { ...type, ...(headers as Record<string, string>) },
    ...(body !== undefined && { payload: body }),
  })
  const isJson = String(response.headers['content-type']).startsWith('application/json')
  const json = isJson && response.body !== '' ? (response.json() as Json) : undefined
  return { status: response.statusCode, json, headers: response.headers }
}
