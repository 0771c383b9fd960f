import { definePlugin, reject } from '@kong-ts/pdk'

const openings = {
  ssh: /^SSH-2\.0-/,
  http: /^(GET|HEAD|POST|PUT|DELETE|OPTIONS|PATCH) /,
  redis: /^\*\d+\r\n\$/,
} as const

export default definePlugin({
  name: 'protocol-guard',
  version: '0.1.0',
  priority: 800,
  protocols: ['tcp'],
  description: 'Lets only the expected protocol through, by its first bytes',
  schema: {
    type: 'object',
    properties: { expect: { enum: ['ssh', 'http', 'redis'] } },
    required: ['expect'],
  },
  phases: {
    async preread(conn, { config }) {
      const opening = Buffer.from(await conn.peek(8)).toString('latin1')
      if (!openings[config.expect].test(opening)) return reject(`not ${config.expect}`)
    },
  },
})
