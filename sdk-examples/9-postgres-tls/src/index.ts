import { definePlugin, reject } from '@kong-ts/pdk'
import { requests, refusal } from './requests.ts'

export default definePlugin({
  name: 'postgres-tls',
  version: '0.1.0',
  priority: 1700,
  // The connection begins as tcp and goes on as tls.
  protocols: ['tcp', 'tls'],
  description: 'Agrees on TLS with clients of PostgreSQL, so that the gateway can end it',
  schema: {
    type: 'object',
    properties: {
      required: {
        type: 'boolean',
        default: true,
        description: 'whether clients that go on without TLS are refused',
      },
    },
  },
  phases: {
    async preread(conn, { config }) {
      // A client that speaks TLS from its first byte has nothing to ask for.
      if (conn.hello) return
      const asksFor = async (request: Buffer): Promise<boolean> => {
        const opening = await conn.peek(request.length)
        return request.equals(opening.subarray(0, request.length))
      }
      if (await asksFor(requests.gss)) {
        await conn.take(requests.gss.length)
        await conn.say('N')
      }
      if (await asksFor(requests.tls)) {
        await conn.take(requests.tls.length)
        await conn.say('S')
        conn.startTls()
      } else if (config.required) return reject('the client does not ask for TLS', refusal)
    },
  },
})
