import { reads } from '../about.ts'
import type { Call, Endpoint } from '../endpoint.ts'
import { recordOf } from '../openapi/schema.ts'

const text = { type: 'string' }
const count = { type: 'integer' }
const record = { type: 'object' }

const nodeSchema = recordOf({
  tagline: text,
  version: { ...text, description: 'Of the contract: a version of Kong.' },
  edition: text,
  kong_ts: recordOf({ version: text }),
  hostname: text,
  node_id: text,
  lua_version: text,
  timers: recordOf({ running: count, pending: count }),
  configuration: record,
  plugins: recordOf({
    available_on_server: record,
    enabled_in_cluster: { type: 'array', items: text },
  }),
  pids: recordOf({ master: count, workers: { type: 'array', items: count } }),
})

/**
 * The version of Kong whose Admin API is spoken here. Clients decide by it which formats, defaults and endpoints they
 * use (docs/decisions/0006); the gateway's own version stands beside it.
 */
export const contractVersion = '3.10.0'

/** `/`: what this node is. */
export const nodeEndpoint: Endpoint = {
  path: '/',
  handlers: { GET: (call) => ({ status: 200, body: describeNode(call) }) },
  about: reads('What the node is', { 200: nodeSchema }),
}

function describeNode({ deps }: Call): Record<string, unknown> {
  const { plugins, ...info } = deps.info()
  const rows = deps.entities().list('plugins', { size: Infinity }).rows
  return {
    tagline: 'Welcome to kong',
    version: contractVersion,
    edition: 'community',
    kong_ts: { version: deps.version },
    ...info,
    plugins: {
      available_on_server: plugins,
      enabled_in_cluster: [...new Set(rows.map(({ name }) => name))].toSorted(),
    },
  }
}
