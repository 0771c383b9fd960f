import { definePlugin } from '@kong-ts/pdk'
import { Mirror } from './mirror.ts'

export default definePlugin({
  name: 'tee',
  version: '0.1.0',
  priority: 300,
  description: 'Sends a copy of what clients say to a second server, without ever waiting for it',
  schema: {
    type: 'object',
    properties: {
      host: { type: 'string', format: 'host' },
      port: { type: 'integer', minimum: 1, maximum: 65_535 },
      buffer: {
        type: 'integer',
        minimum: 1024,
        default: 65_536,
        description: 'bytes that may wait for the second server, for each connection',
      },
    },
    required: ['host', 'port'],
  },
  setup: () => new Map<string, Mirror>(),
  phases: {
    proxy(conn, { config, log, state: mirrors }) {
      const mirror = new Mirror(config, (reason) => {
        log.warn({ connection: conn.id, reason }, 'the copy is not complete')
      })
      mirrors.set(conn.id, mirror)
      conn.observe('upload', (chunk) => mirror.write(chunk))
    },
    log({ id }, { state: mirrors }) {
      mirrors.get(id)?.end()
      mirrors.delete(id)
    },
  },
  teardown(mirrors) {
    for (const mirror of mirrors.values()) mirror.abandon()
  },
})
