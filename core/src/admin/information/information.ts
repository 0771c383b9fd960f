import { messageSchema, reads } from '../about.ts'
import { cacheEndpoints } from './cache.ts'
import { clusteringEndpoints } from './clustering.ts'
import { debugEndpoints } from './debug.ts'
import { nodeEndpoint } from './describe.ts'
import type { Endpoint } from '../endpoint.ts'
import { recordOf } from '../openapi/schema.ts'
import { metricsEndpoint } from './metrics.ts'
import { statusEndpoint } from './status-report.ts'
import { workspaceEndpoints } from './workspaces.ts'

/** Kong has figures only of a newer resolver, which is not asked for here. */
const dnsEndpoint: Endpoint = {
  path: '/status/dns',
  handlers: {
    GET: () => ({ status: 501, body: { message: 'not implemented with the legacy DNS client' } }),
  },
  about: reads('What the resolver has done', { 501: messageSchema }),
}

/** What the Status API serves too. */
export const statusEndpoints: readonly Endpoint[] = [statusEndpoint, dnsEndpoint, metricsEndpoint]

/** What the node says of itself, and what an operator may tell it beside its configuration. */
export const informationEndpoints: readonly Endpoint[] = [
  nodeEndpoint,
  ...statusEndpoints,
  {
    path: '/robots.txt',
    handlers: { GET: () => ({ status: 200, body: 'User-agent: *\nDisallow: /' }) },
    about: reads('Keeps search engines away', { 200: { type: 'string' } }),
  },
  {
    path: '/plugins/enabled',
    handlers: {
      GET: ({ deps }) => ({
        status: 200,
        body: { enabled_plugins: deps.context.plugins.names() },
      }),
    },
    about: reads('Which plugins there are', {
      200: recordOf({ enabled_plugins: { type: 'array', items: { type: 'string' } } }),
    }),
  },
  {
    path: '/timers',
    handlers: { GET: ({ deps }) => ({ status: 200, body: deps.timers() }) },
    about: reads('What the supervisor waits for', {
      200: recordOf({ worker: { type: 'object' }, stats: { type: 'object' } }),
    }),
  },
  ...debugEndpoints,
  ...cacheEndpoints,
  ...clusteringEndpoints,
  ...workspaceEndpoints,
]
