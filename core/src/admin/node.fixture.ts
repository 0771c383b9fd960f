import type { InjectOptions } from 'fastify'
import { EntitySet } from '../entities/entity-set.ts'
import type { Plan } from '../entities/plan.ts'
import { testContext } from '../entities/world.fixture.ts'
import { createAdmin } from './create-admin.ts'
import type { AdminDeps, AdminOptions } from './deps.ts'
import { defaultAdminOptions } from './deps.ts'

/** An Admin API over a configuration in memory; `logged` holds what it logged. */
export function testNode(options: Partial<AdminOptions> = {}, changed: Partial<AdminDeps> = {}) {
  const set = EntitySet.empty()
  const logged: unknown[] = []
  const log = (fields: unknown, message: string) => void logged.push([fields, message])
  const deps: AdminDeps = {
    entities: () => set,
    write: async <R>(plan: (current: EntitySet) => Plan<R>): Promise<R> => {
      const { changes, result } = plan(set)
      set.apply(changes)
      return result
    },
    context: testContext(),
    info: () => ({
      version: '0.1.0',
      node_id: 'n',
      hostname: 'host',
      configuration: { database: 'embedded' },
      plugins: { sample: { version: '1.0.0', priority: 1 } },
      pids: { master: 1, workers: [2] },
    }),
    status: () => ({
      ready: true,
      memory: {},
      server: { connections_active: 0 },
      database: { reachable: true },
    }),
    logRequest: () => undefined,
    log: { debug: log, info: log, warn: log, error: log },
    options: { ...defaultAdminOptions, ...options },
    ...changed,
  }
  return { app: createAdmin(deps), deps, set, logged }
}

type Node = ReturnType<typeof testNode>
export type Json = Record<string, unknown>

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
