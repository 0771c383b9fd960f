import { messageSchema } from '../about.ts'
import type { Endpoint } from '../endpoint.ts'
import { HttpError } from '../http-error.ts'

const clear = { summary: 'Clears it', answers: { 204: null } }

/**
 * Kong keeps rows of its database in a cache, which clients look into and clear. Here every worker has the whole
 * configuration and follows each change before the write is answered: nothing can be found in a cache, nothing can be
 * stale, and to clear it is done as soon as it is asked for.
 */
export const cacheEndpoints: readonly Endpoint[] = [
  {
    path: '/cache',
    handlers: { DELETE: () => ({ status: 204 }) },
    about: { methods: { DELETE: clear } },
  },
  {
    path: '/cache/:key',
    handlers: {
      GET: () => {
        throw new HttpError(404, 'Not found')
      },
      DELETE: () => ({ status: 204 }),
    },
    about: {
      methods: {
        GET: { summary: 'What is kept under a key', answers: { 404: messageSchema } },
        DELETE: clear,
      },
    },
  },
]
