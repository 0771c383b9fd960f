import Fastify, { type FastifyInstance } from 'fastify'
import type { AdminDeps } from './deps.ts'

/** The Status API: read-only, for probes. The caller listens and closes. */
export function createStatus(deps: Pick<AdminDeps, 'status' | 'info'>): FastifyInstance {
  const app = Fastify({ routerOptions: { ignoreTrailingSlash: true } })
  app.addHook('onSend', async (_request, reply) => {
    reply.header('Server', `kong-ts/${deps.info().version}`)
  })
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ message: 'Not found' }))
  app.get('/status', (_request, reply) => {
    const { ready, ...status } = deps.status()
    return reply.code(ready ? 200 : 503).send(status)
  })
  app.get('/status/ready', (_request, reply) =>
    deps.status().ready
      ? reply.send({ message: 'ready' })
      : reply.code(503).send({ message: 'draining' }),
  )
  return app
}
