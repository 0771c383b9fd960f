import { once } from 'node:events'
import { chmodSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { json } from 'node:stream/consumers'
import { isFields } from '../../entities/fields.ts'
import { messageOf } from '../../errors/message-of.ts'
import type { ControlHandlers } from './control-contract.ts'
import { callRevisions, isRevisionCall } from './control-revisions.ts'
import { makeControlPath, removeControlPath } from './control-path.ts'

type Answer = readonly [status: number, body: unknown]

/**
 * Answers the `kong-ts` command on a unix socket (0600) in the prefix. The caller holds the claim on the prefix.
 * An answer is proof that the node takes traffic, so it is opened last.
 */
export async function serveControl(
  prefix: string,
  handlers: ControlHandlers,
): Promise<{ close(): Promise<void> }> {
  const path = makeControlPath(prefix)
  const server = createServer((request, response) => {
    void answer(handlers, request).then((given) => send(response, given))
  })
  server.listen(path)
  await once(server, 'listening')
  chmodSync(path, 0o600)
  return {
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
      removeControlPath(prefix)
    },
  }
}

async function answer(handlers: ControlHandlers, request: IncomingMessage): Promise<Answer> {
  try {
    return await route(handlers, request)
  } catch (error) {
    return [500, { message: messageOf(error) }]
  }
}

async function route(handlers: ControlHandlers, request: IncomingMessage): Promise<Answer> {
  const { method, url } = request
  if (method === 'POST' && isRevisionCall(url)) {
    return [200, await callRevisions(url, handlers.revisions, await json(request))]
  }
  return routeOthers(handlers, request)
}

async function routeOthers(handlers: ControlHandlers, request: IncomingMessage): Promise<Answer> {
  switch (`${request.method} ${request.url}`) {
    case 'GET /status':
      return [200, await handlers.status()]
    case 'GET /plugins':
      return [200, await handlers.plugins()]
    case 'GET /process':
      return [200, { pid: process.pid }]
    case 'POST /reload':
      await handlers.reload()
      return [200, {}]
    case 'GET /config':
      return [200, { config: handlers.configuration.export() }]
    case 'POST /config':
      return importConfig(handlers, await json(request))
    case 'POST /stop':
      return stop(handlers, await json(request))
    default:
      return [404, { message: 'Not found' }]
  }
}

async function importConfig(handlers: ControlHandlers, body: unknown): Promise<Answer> {
  const { text, file } = isFields(body) ? body : {}
  if (typeof text !== 'string' || typeof file !== 'string') {
    return [400, { message: 'expected {"text":"…","file":"…"}' }]
  }
  await handlers.configuration.import(text, file)
  return [200, {}]
}

/** Answers before the node is gone. */
function stop(handlers: ControlHandlers, body: unknown): Answer {
  const wish = readWish(body)
  if (wish === undefined) return [400, { message: 'expected {"how":"stop"|"quit","timeout_ms"?}' }]
  setImmediate(() => handlers.stop(wish.how, wish.timeoutMs))
  return [202, { pid: process.pid }]
}

interface Wish {
  readonly how: 'stop' | 'quit'
  readonly timeoutMs: number | undefined
}

function readWish(body: unknown): Wish | undefined {
  if (typeof body !== 'object' || body === null || !('how' in body)) return undefined
  const { how } = body
  if (how !== 'stop' && how !== 'quit') return undefined
  if (!('timeout_ms' in body)) return { how, timeoutMs: undefined }
  return isDuration(body.timeout_ms) ? { how, timeoutMs: body.timeout_ms } : undefined
}

function isDuration(value: unknown): value is number {
  return typeof value === 'number' && value >= 0
}

function send(response: ServerResponse, [status, body]: Answer): void {
  // The connection is not kept: `close` must not wait for an idle one.
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' })
  response.end(JSON.stringify(body))
}
