import Fastify from 'fastify'
import { expect, test } from 'vitest'
import { logRequests } from './log-requests.ts'

test('a request is one line, without its query', async () => {
  const app = Fastify()
  const lines: string[] = []
  logRequests(app, (line) => void lines.push(line))
  app.get('/services', (_request, reply) => reply.code(200).send({}))

  await app.inject('/services?tags=secret')
  await app.inject({ method: 'DELETE', url: '/nothing' })

  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { client_ip: '127.0.0.1', method: 'GET', path: '/services', status: 200 },
    { method: 'DELETE', path: '/nothing', status: 404 },
  ])
  expect(lines.join()).not.toContain('secret')
})
