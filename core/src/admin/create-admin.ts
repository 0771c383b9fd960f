import type { FastifyInstance } from 'fastify'
import type { Site } from '../node/listen-http.ts'
import { createApi } from './create-api.ts'
import type { AdminDeps } from './deps.ts'
import { listEndpoints } from './endpoints.ts'
import { logRequests } from './log-requests.ts'
import { refuseForAdmin } from './guard/refusal.ts'

/** The Admin API; the caller listens and closes. */
export function createAdmin(deps: AdminDeps, site: Site = { unix: false }): FastifyInstance {
  const app = createApi(deps, {
    site,
    endpoints: listEndpoints(),
    refuse: refuseForAdmin(deps.options, site),
  })
  logRequests(app, (line) => deps.logRequest(line))
  return app
}
