import { messageSchema, reads } from '../about.ts'
import type { Endpoint } from '../endpoint.ts'
import { HttpError } from '../http-error.ts'

const about = reads('What a control plane knows of its data planes', { 400: messageSchema })

/** What a control plane knows of its data planes; this node is none, and says so as Kong's other roles do. */
export const clusteringEndpoints: readonly Endpoint[] = [
  { path: '/clustering/data-planes', handlers: { GET: refuse }, about },
  { path: '/clustering/status', handlers: { GET: refuse }, about },
]

function refuse(): never {
  throw new HttpError(
    400,
    'this endpoint is only available when Kong is configured to run as Control Plane for the cluster',
  )
}
