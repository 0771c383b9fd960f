import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:tls'
import { expect, onTestFinished, test } from 'vitest'
import type { ClientCertificate } from '@kong-ts/pdk'
import type { Transport } from '../../../core/src/transport/transport.ts'
import { issueCertificates } from './certificates.ts'
import { dial, openGate, soon } from './harness.ts'
import { serverTls } from './tls-path.ts'

const fingerprintOf = (pem: string): string => new X509Certificate(pem).fingerprint256

/** What stands between a client's certificate and who is trusted. */
export function chains(transport: Transport): void {
  /** A client whose certificate comes with that of an intermediate. */
  const show = async (
    trust: Parameters<typeof serverTls>[1] = {},
  ): Promise<ClientCertificate | undefined> => {
    const { deepClient } = await issueCertificates()
    const gate = await openGate(transport)
    const socket = await dial(gate.endpoint)
    const client = connect({ socket, rejectUnauthorized: false, ...deepClient })
    onTestFinished(() => void client.destroy())
    client.on('error', () => {})
    const inbound = await gate.accepted.take()
    const [secured] = await Promise.all([
      inbound.secure(await serverTls({ clientCertificate: 'optional' }, trust), soon()),
      once(client, 'secureConnect'),
    ])
    return secured.tls.clientCertificate
  }

  test('what a client sends above its certificate is told', async () => {
    const { between } = await issueCertificates()
    const { verified, subject, chain } = (await show())!
    expect({ verified, subject }).toEqual({ verified: true, subject: 'CN=deep' })
    expect(chain?.map(fingerprintOf)).toEqual([fingerprintOf(between.cert)])
  })

  test.each([true, false])(
    'a chain may end at an intermediate where that is allowed: %s',
    async (allowPartialTrustChain) => {
      const { between } = await issueCertificates()
      const shown = await show({ ca: [between.cert], allowPartialTrustChain })
      expect(shown?.verified).toBe(allowPartialTrustChain)
    },
  )
}
