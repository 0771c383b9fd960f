import { definePlugin, reject } from '@kong-ts/pdk'

export default definePlugin({
  name: 'tls-fingerprint-block',
  version: '0.1.0',
  priority: 950,
  protocols: ['tls', 'tls_passthrough'],
  description: 'Turns TLS clients away by the fingerprint of their ClientHello',
  schema: {
    type: 'object',
    properties: {
      deny: {
        type: 'array',
        items: { type: 'string', minLength: 1 },
        minItems: 1,
        description: 'JA4 fingerprints; one that ends in * stands for all that begin like it',
      },
    },
    required: ['deny'],
  },
  setup: ({ config }) => ({
    whole: new Set(config.deny.filter((each) => !each.endsWith('*'))),
    beginnings: config.deny.filter((each) => each.endsWith('*')).map((each) => each.slice(0, -1)),
  }),
  phases: {
    preread({ hello }, { state: { whole, beginnings } }) {
      if (hello === undefined) return
      const { ja4 } = hello
      if (whole.has(ja4) || beginnings.some((beginning) => ja4.startsWith(beginning))) {
        return reject(`the fingerprint ${ja4} is denied`, fatalAlert)
      }
    },
  },
})

/** A fatal alert, handshake_failure (RFC 8446 section 6), which a TLS client understands. */
const fatalAlert = new Uint8Array([21, 3, 3, 0, 2, 2, 40])
