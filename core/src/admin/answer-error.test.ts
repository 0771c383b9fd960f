import Fastify from 'fastify'
import { expect, test } from 'vitest'
import { EntityError } from '../errors/entity-error.ts'
import { answerError } from './answer-error.ts'
import { HttpError } from './http-error.ts'
import { testNode } from './node.fixture.ts'

test.each<[unknown, number, object, number]>([
  [new HttpError(404, 'SNI not found'), 404, { message: 'SNI not found' }, 0],
  [new EntityError(6, 'could not find it'), 404, { message: 'Not found' }, 0],
  [new EntityError(9, 'm'), 400, { code: 9, name: 'invalid size', message: 'm' }, 0],
  [
    new EntityError(8, 'disk full'),
    500,
    { code: 8, name: 'database error', message: 'disk full' },
    1,
  ],
  [new EntityError(18, 'why'), 500, { message: 'An unexpected error occurred' }, 1],
  [
    Object.assign(new Error('x'), { statusCode: 404 }),
    500,
    { message: 'An unexpected error occurred' },
    1,
  ],
  [
    Object.assign(new Error('x'), { statusCode: 400, code: 'FST_X' }),
    400,
    { message: 'Bad request' },
    0,
  ],
])('%s is answered %d', async (error, status, body, lines) => {
  const { deps, logged } = testNode()
  const app = Fastify()
  app.get('/', async (request, reply) => answerError(deps, error, request, reply))
  const response = await app.inject('/')
  expect(response.statusCode).toBe(status)
  expect(response.json()).toEqual(body)
  expect(logged).toHaveLength(lines)
})
