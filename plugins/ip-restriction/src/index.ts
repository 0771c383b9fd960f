import { definePlugin, reject } from '@kong-ts/pdk'
import { AddressList } from './address-list.ts'

const addresses = { type: 'array', items: { type: 'string', format: 'ip_or_cidr' } } as const

export default definePlugin({
  name: 'ip-restriction',
  version: '0.1.0',
  priority: 990,
  description: 'Allows or denies clients by their address',
  schema: {
    type: 'object',
    properties: {
      allow: { ...addresses, description: 'addresses and ranges that may connect' },
      deny: { ...addresses, description: 'addresses and ranges that may not; goes before allow' },
      status: { type: 'number', description: 'accepted for Kong; layer 4 has no status to send' },
      message: { type: 'string', minLength: 1, description: 'the reason in the log' },
    },
    anyOf: [{ required: ['allow'] }, { required: ['deny'] }],
  },
  setup: ({ config: { allow, deny } }) => ({
    // As in Kong, an empty list restricts nothing.
    allowed: allow?.length ? AddressList.of(allow) : undefined,
    denied: deny?.length ? AddressList.of(deny) : undefined,
  }),
  phases: {
    preread({ client: { address } }, { config, state: { allowed, denied } }) {
      if (address.startsWith('unix:')) return reject(nameless)
      const isRefused = denied?.has(address) || allowed?.has(address) === false
      if (isRefused) return reject(config.message ?? `IP address not allowed: ${address}`)
    },
  },
})

const nameless = 'Cannot identify the client IP address, unix domain sockets are not supported.'
