import type { FastifyInstance } from 'fastify'

/** One JSON line for each request that was answered; bodies and query strings may hold secrets and are left out. */
export function logRequests(app: FastifyInstance, write: (line: string) => void): void {
  app.addHook('onResponse', async (request, reply) => {
    const [path] = request.url.split('?', 1)
    const line = {
      time: new Date().toISOString(),
      client_ip: request.raw.socket.remoteAddress ?? 'unix:',
      method: request.method,
      path,
      status: reply.statusCode,
      latency: Math.round(reply.elapsedTime),
    }
    write(JSON.stringify(line))
  })
}
