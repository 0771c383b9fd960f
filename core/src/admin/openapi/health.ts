import type { Operation } from '../endpoint.ts'
import { pageQuery } from './page.ts'
import { closedObject, recordOf } from './schema.ts'
import type { JsonSchema } from './schema.ts'

const weight = { type: 'integer', minimum: 0 }
const weights = recordOf({ total: weight, available: weight, unavailable: weight })

function stateOf(...more: readonly string[]): JsonSchema {
  return { enum: ['HEALTHY', 'UNHEALTHY', 'HEALTHCHECKS_OFF', ...more] }
}

const target: JsonSchema = {
  type: 'object',
  properties: {
    health: stateOf('DNS_ERROR'),
    manual: { const: true, description: 'An operator has said so of one of its addresses.' },
    data: { type: 'object' },
  },
  required: ['id', 'target', 'health', 'data'],
  description: 'A target, how it does, and the addresses that its name has.',
}

const balancer = recordOf({
  id: { type: 'string', format: 'uuid' },
  health: stateOf(),
  balancer_health: { enum: ['HEALTHY', 'UNHEALTHY'] },
  details: recordOf({ healthy: { type: 'boolean' }, weight: weights, hosts: { type: 'array' } }),
})

const places: Readonly<Record<string, JsonSchema>> = {
  next: { type: ['string', 'null'], description: 'The path of the next page.' },
  offset: { type: 'string', description: 'Where the next page begins.' },
  node_id: { type: 'string', description: 'The node that was asked: each has its own view.' },
}

/** `GET …/health`. */
export const healthOperation: Operation = {
  summary: 'Shows how the targets of an upstream do',
  query: {
    ...pageQuery,
    balancer_health: { type: 'string', description: '`1`: of the upstream as a whole.' },
  },
  answers: {
    200: closedObject(
      { data: { anyOf: [{ type: 'array', items: target }, balancer] }, ...places },
      ['data', 'next', 'node_id'],
    ),
  },
}

const message = recordOf({ message: { type: 'string' } })

/** `PUT …/healthy`, `…/unhealthy` and `…/automatic`. */
export function markOperation(healthy: boolean | undefined): Operation {
  const word = healthy ? 'healthy' : 'unhealthy'
  const summary =
    healthy === undefined
      ? 'Leaves it to the checks again whether a target is healthy'
      : `Takes a target for ${word}, whatever checks find`
  return { summary, answers: { 204: null, 400: message } }
}
