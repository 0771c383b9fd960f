import { messageSchema } from '../about.ts'
import type { Answer, Call, Endpoint } from '../endpoint.ts'
import { HttpError } from '../http-error.ts'
import { bodies, recordOf } from '../openapi/schema.ts'

/** Kong knows `draining` only: there, nothing but a restart brings a node back. */
const wishes = ['draining', 'ready']

/** Tells load balancers whether to send connections here; an operator may say that they are not to. */
export const readinessEndpoint: Endpoint = {
  path: '/status/ready',
  handlers: { GET: tellReadiness, POST: changeReadiness },
  about: {
    methods: {
      GET: {
        summary: 'Whether load balancers are to send connections',
        answers: { 200: messageSchema, 503: messageSchema },
      },
      POST: {
        summary: 'Tells load balancers to send none, or to do so again',
        body: bodies(recordOf({ status: { enum: wishes } })),
        answers: { 204: null, 400: messageSchema },
      },
    },
  },
}

/** That a database is away is no reason: the last configuration is served. */
function tellReadiness({ deps }: Call): Answer {
  const message = deps.readiness.reason()
  return message === undefined
    ? { status: 200, body: { message: 'ready' } }
    : { status: 503, body: { message } }
}

function changeReadiness({ deps, body }: Call): Answer {
  const { status } = body.fields
  if (typeof status !== 'string' || !wishes.includes(status)) {
    throw new HttpError(400, `status: expected one of: ${wishes.join(', ')}`)
  }
  deps.readiness.drain(status === 'draining')
  return { status: 204 }
}
