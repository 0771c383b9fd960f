import { afterEach, expect, test } from 'vitest'
import type { ClientPolicy } from './client-policy.ts'
import {
  anyone,
  authority,
  certificate,
  client,
  closeAll,
  dial,
  other,
  resumes,
  serve,
  sessionOf,
  sni,
  table,
} from './tls.fixture.ts'

afterEach(closeAll)

test.each(['TLSv1.2', 'TLSv1.3'] as const)(
  '%s sessions resume wherever the secret is the same',
  async (maxVersion) => {
    const session = await sessionOf(await serve(table()), { maxVersion })
    expect(await resumes(await serve(table()), session, { maxVersion })).toBe(true)
    const strange = await serve(table({ secret: Buffer.alloc(32, 8) }))
    expect(await resumes(strange, session, { maxVersion })).toBe(false)
  },
)

test.each(['TLSv1.2', 'TLSv1.3'] as const)(
  '%s sessions never cross from one client policy to another',
  async (maxVersion) => {
    const from = table()
    const options = { maxVersion, cert: client.cert, key: client.key }
    const policies: readonly ClientPolicy[] = [
      anyone,
      { clientCertificate: 'optional', ca: [authority.cert] },
      { clientCertificate: 'required', ca: [authority.cert] },
      { clientCertificate: 'required', ca: [other.cert] },
    ]
    const ports = await Promise.all(policies.map((policy) => serve(from, policy)))
    for (const [home, port] of ports.entries()) {
      const session = await sessionOf(port, options)
      for (const [place, target] of ports.entries()) {
        expect([home, place, await resumes(target, session, options)]).toEqual([
          home,
          place,
          home === place,
        ])
      }
    }
  },
)

test('sessions never cross from one certificate to another', async () => {
  const from = table()
  from.putCertificate(certificate('1', other))
  from.putSni(sni('x.test', '1'))
  const session = await sessionOf(await serve(from))
  expect(await resumes(await serve(from, anyone, 'y.test'), session)).toBe(false)
})

test.each(['TLSv1.2', 'TLSv1.3'] as const)('%s tickets end with a rotation', async (maxVersion) => {
  const from = table()
  const port = await serve(from)
  const session = await sessionOf(port, { maxVersion })
  from.rotate(Buffer.alloc(32, 9))
  expect(await resumes(port, session, { maxVersion })).toBe(false)
  expect(await resumes(port, await sessionOf(port, { maxVersion }), { maxVersion })).toBe(true)
})

test('without tickets nothing resumes', async () => {
  const from = table({ sessions: { tickets: false, timeout: 60_000 } })
  const port = await serve(from)
  const first = await dial(port, { maxVersion: 'TLSv1.2' })
  const session = first.getSession()
  expect(session && (await resumes(port, session, { maxVersion: 'TLSv1.2' }))).toBe(false)
})
