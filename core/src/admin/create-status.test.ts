import { expect, test } from 'vitest'
import { createStatus } from './create-status.ts'
import { testNode } from './node.fixture.ts'

test('probes are answered, and nothing else', async () => {
  const { deps } = testNode()
  const app = createStatus(deps)
  expect((await app.inject('/status')).json()).toMatchObject({ database: { reachable: true } })
  expect((await app.inject('/status/ready')).json()).toEqual({ message: 'ready' })
  expect((await app.inject('/services')).statusCode).toBe(404)
  expect((await app.inject({ method: 'POST', url: '/status' })).statusCode).toBe(404)
})

test('a node that drains is not ready', async () => {
  const { deps } = testNode(
    {},
    {
      status: () => ({ ready: false, memory: {}, server: {}, database: { reachable: true } }),
    },
  )
  const app = createStatus(deps)
  expect((await app.inject('/status/ready')).statusCode).toBe(503)
  expect((await app.inject('/status')).statusCode).toBe(503)
})
