import { Transform } from 'node:stream'
import { definePlugin } from '@kong-ts/pdk'

const bytes = { type: 'integer', minimum: 1 } as const

export default definePlugin({
  name: 'byte-quota',
  version: '0.1.0',
  priority: 400,
  description: 'Ends a connection that moves more bytes than it may',
  schema: {
    type: 'object',
    properties: { upload: bytes, download: bytes },
    anyOf: [{ required: ['upload'] }, { required: ['download'] }],
  },
  phases: {
    proxy(conn, { config }) {
      for (const direction of ['upload', 'download'] as const) {
        const quota = config[direction]
        if (quota !== undefined) conn.through(direction, meter(quota, direction))
      }
    },
  },
})

/** Passes on what fits; the first byte beyond the quota ends the connection. */
function meter(quota: number, direction: string): Transform {
  let left = quota
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      left -= chunk.length
      if (left >= 0) done(null, chunk)
      else done(new Error(`more than ${quota} bytes of ${direction}`))
    },
  })
}
