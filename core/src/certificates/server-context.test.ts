import { expect, test } from 'vitest'
import { tlsPolicy } from './policy.ts'
import { CertificateError } from './key-pairs.ts'
import { createSelfSigned } from './self-signed.ts'
import { ServerContext } from './server-context.ts'
import { sessionOptions } from './sessions.ts'

const pair = await createSelfSigned({ key: 'ec', commonName: 'x.test', days: 1 })

const options = {
  ...tlsPolicy({ cipherSuite: 'intermediate' }),
  ...sessionOptions(Buffer.alloc(32, 7), 'x', { tickets: true, timeout: 60_000 }),
  cert: [pair.cert],
  key: [pair.key],
  ca: [],
  allowPartialTrustChain: false,
}

test("Node's context is built once, and not before it is asked for", () => {
  const context = new ServerContext('x', options)
  expect(context.secureContext).toBe(context.secureContext)
  expect(() => new ServerContext('x', { ...options, ciphers: 'NONSENSE' })).not.toThrow()
})

test('what cannot be used says whose it is', () => {
  const broken = new ServerContext('x', { ...options, ciphers: 'NONSENSE' })
  expect(() => broken.secureContext).toThrow(CertificateError)
  expect(() => broken.secureContext).toThrow(/^certificate x cannot be used: /)
})
