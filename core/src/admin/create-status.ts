import type { FastifyInstance } from 'fastify'
import type { Site } from '../node/listen-http.ts'
import { createApi } from './create-api.ts'
import type { AdminDeps } from './deps.ts'
import { listEndpoints } from './endpoints.ts'
import { statusEndpoints } from './information/information.ts'
import { readinessEndpoint } from './information/readiness.ts'
import { refuseForStatus } from './guard/refusal.ts'

/** What is read here too where the Admin API writes nothing: how the targets of an upstream do. */
const targetPaths: ReadonlySet<string> = new Set(
  ['health', 'targets', 'targets/all'].map((path) => `/upstreams/:parent/${path}`),
)

/** The Status API, for probes and load balancers. The caller listens and closes. */
export function createStatus(deps: AdminDeps, site: Site = { unix: false }): FastifyInstance {
  const targets = deps.declarative
    ? listEndpoints().filter(({ path }) => targetPaths.has(path))
    : []
  const read = targets.map(({ path, handlers: { GET } }) => ({
    path,
    handlers: GET ? { GET } : {},
  }))
  return createApi(deps, {
    site,
    endpoints: [...statusEndpoints, readinessEndpoint, ...read],
    refuse: refuseForStatus(deps.options, site),
  })
}
