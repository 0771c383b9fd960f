import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { X509Certificate } from 'node:crypto'
import { definePlugin, type ClientCertificate, type Kit } from '@kong-ts/pdk'
import { mount } from '@kong-ts/pdk/testing'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { burnBooks, createAuthority, type Identity } from './pki.fixture.ts'
import { Revocation, type RevocationOptions } from './revocation.ts'

const root = createAuthority('root')
const between = root.below('between')
const [alice, bob] = [root.issue({ commonName: 'alice' }), between.issue({ commonName: 'bob' })]
const [older, old] = [root.crl({ from: -3 }), root.crl({ from: -2 })]
root.revoke(alice)
const current = root.crl()
const forged = createAuthority('root').crl({ from: 0 })
between.revoke(bob)
afterAll(burnBooks)

/** The lists of a configuration in the surroundings that the test kit gives. */
async function open(options: Partial<RevocationOptions>) {
  const whole = {
    authorities: [new X509Certificate(root.cert)],
    texts: [],
    sources: [],
    maxAge: 0,
    timeout: 30_000,
    limit: 100_000,
    tls: { verify: true, ca: undefined },
    ...options,
  }
  const plugin = definePlugin({
    name: 'lists',
    version: '1.0.0',
    priority: 1,
    schema: { type: 'object', properties: {} },
    // The lists of openssl are of these days.
    setup: (kit: Kit) => Revocation.open(whole, { ...kit, clock: Date }),
    phases: {},
  })
  const mounted = await mount(plugin, {})
  const { state, clock, lines } = mounted
  onTestFinished(() => mounted.unmount())
  const reload = (): Promise<void> => {
    clock.advance(1)
    return state.reload()
  }
  return { revocation: state, reload, lines }
}

async function serve(answer: RequestListener) {
  const state = { answer }
  const server = createServer((request, response) => state.answer(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/root.crl`, state }
}

const shown = ({ cert }: Identity, chain: readonly string[] = []): ClientCertificate => ({
  verified: true,
  subject: '',
  names: [],
  fingerprint: new X509Certificate(cert).fingerprint256,
  pem: cert,
  ...(chain.length > 0 && { chain }),
})

const derOf = (pem: string) => Buffer.from(pem.replaceAll(/-----.+?-----|\s/g, ''), 'base64')

test('a list of an intermediate counts once that comes along', async () => {
  const { revocation } = await open({ texts: [between.crl(), current] })
  expect(await revocation.standingOf(shown(bob))).toMatchObject({ is: 'unknown' })
  const revoked = { is: 'revoked', subject: 'CN=bob' }
  expect(await revocation.standingOf(shown(bob, [between.cert]))).toEqual(revoked)
  // By now it is known who issued it.
  expect(revocation.standingOf(shown(bob))).toEqual(revoked)
})

test.each<[Partial<RevocationOptions>, string]>([
  [{ texts: [current, forged] }, 'config.crl.2: the revocation list is not signed by CN=root'],
  [{ texts: ['nonsense'] }, 'config.crl.1: there is no revocation list in it'],
  [
    { sources: [{ field: 'crl_files.1', at: '/nowhere/a.crl' }] },
    'config.crl_files.1: /nowhere/a.crl: ENOENT',
  ],
])('%o is refused', async (options, message) => {
  await expect(open(options)).rejects.toThrow(message)
})

test('an expired list is warned of', async () => {
  const { lines } = await open({ texts: [root.crl({ from: -9, to: -1 })] })
  expect(lines.map(({ message }) => message)).toEqual(['a revocation list has expired'])
})

test('a list of a URL is followed; whatever its server tells, the last good one stays', async () => {
  const { url, state } = await serve((_request, response) => response.end(derOf(old)))
  const { revocation, reload, lines } = await open({ sources: [{ field: 'crl_urls.1', at: url }] })
  const standing = async () => (await revocation.standingOf(shown(alice))).is
  expect(await standing()).toBe('good')
  state.answer = (_request, response) => response.end(current)
  await reload()
  expect(await standing()).toBe('revoked')
  const lies: RequestListener[] = [
    (_request, response) => response.writeHead(404).end(),
    (_request, response) => response.end('<html>'),
    (_request, response) => response.end(current.slice(0, 200)),
    (_request, response) => response.end(forged),
    // It was good once, and alice was not on it.
    (_request, response) => response.end(older),
    (_request, response) => response.end(Buffer.alloc(100_001)),
    (request) => request.socket.destroy(),
  ]
  for (const lie of lies) {
    state.answer = lie
    await reload()
    expect(await standing()).toBe('revoked')
  }
  expect(
    lines.filter(({ level }) => level === 'warn').map(({ fields }) => fields['error']),
  ).toEqual([
    'the server answered with status 404',
    'there is no revocation list in it',
    'a revocation list is cut short',
    'the revocation list is not signed by CN=root',
    expect.stringMatching(
      /^the revocation list is of \S+ \(number 1\), and the one in force of \S+ \(number 3\)$/,
    ),
    'it is larger than 100000 bytes',
    'socket hang up',
  ])
  state.answer = (_request, response) => response.end(root.crl({ from: 0 }))
  await reload()
  expect(lines.at(-1)).toMatchObject({ message: 'the list can be read again' })
})

test('a file, and what a server had last, are lists as well', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kong-ts-crl-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'root.crl')
  writeFileSync(path, old)
  const { revocation, reload } = await open({ sources: [{ field: 'crl_files.1', at: path }] })
  expect((await revocation.standingOf(shown(alice))).is).toBe('good')
  writeFileSync(path, current)
  await reload()
  expect((await revocation.standingOf(shown(alice))).is).toBe('revoked')
  const { url, state } = await serve((_request, response) => response.end(current))
  const kept = { keepIn: folder, sources: [{ field: 'crl_urls.1', at: url }] }
  await open(kept)
  state.answer = (request) => request.socket.destroy()
  const again = await open(kept)
  expect((await again.revocation.standingOf(shown(alice))).is).toBe('revoked')
})
