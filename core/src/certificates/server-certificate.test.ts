import { afterEach, expect, test } from 'vitest'
import type { TLSSocket } from 'node:tls'
import { checkServerCertificate } from './certificate-table.ts'
import {
  anyone,
  authority,
  certificate,
  client,
  closeAll,
  dial,
  ec,
  echo,
  other,
  rsa,
  serve,
  sni,
  table,
} from './tls.fixture.ts'

afterEach(closeAll)

test('contexts are kept per policy, and over a change of anything but the certificate', () => {
  const from = table()
  const row = certificate('1', ec)
  from.putCertificate(row)
  from.putSni(sni('x.test', '1'))
  const context = () => from.select('x.test').context(anyone)
  const first = context()
  expect(from.select('x.test').context({ clientCertificate: 'none', ca: [client.cert] })).toBe(
    first,
  )
  from.putCertificate({ ...row, tags: ['changed'] })
  expect(context()).toBe(first)
  const asking = { clientCertificate: 'optional', ca: [authority.cert] } as const
  expect(from.select('x.test').context(asking)).not.toBe(first)
  expect(from.select('x.test').context({ ...asking, ca: [...asking.ca] })).toBe(
    from.select('x.test').context(asking),
  )
  from.putCertificate(certificate('1', other))
  expect(context()).not.toBe(first)
})

test('client certificates verify against the list given and no other', async () => {
  const seen: unknown[] = []
  const verdict = (socket: TLSSocket) => {
    seen.push((socket as unknown as { ssl: { verifyError(): Error | null } }).ssl.verifyError())
  }
  for (const ca of [[authority.cert], [other.cert], []]) {
    const port = await serve(table(), { clientCertificate: 'optional', ca }, 'x.test', verdict)
    await echo(await dial(port, { cert: client.cert, key: client.key }), 'done')
  }
  expect(seen).toEqual([null, expect.any(Error), expect.any(Error)])
})

test('rows are checked before they are served', () => {
  expect(() => checkServerCertificate(certificate('1', rsa, ec))).not.toThrow()
  const broken = { cert: ec.cert.slice(0, 200), key: ec.key }
  expect(() => checkServerCertificate(certificate('1', broken))).toThrow('invalid certificate: ')
  const keyless = { cert: ec.cert, key: 'nonsense' }
  expect(() => checkServerCertificate(certificate('1', keyless))).toThrow('invalid key: ')
  const crossed = { cert: rsa.cert, key: ec.key }
  expect(() => checkServerCertificate(certificate('1', crossed))).toThrow(
    'certificate 1 cannot be used: certificate does not match key',
  )
  expect(() =>
    checkServerCertificate(certificate('1', rsa, { cert: ec.cert, key: other.key })),
  ).toThrow('alternative certificate does not match key')
  expect(() => checkServerCertificate(certificate('1', ec, other))).toThrow('both of the same type')
})
