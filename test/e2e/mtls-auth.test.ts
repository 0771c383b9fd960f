import { spawn } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import {
  burnBooks,
  createAuthority,
  type Identity,
} from '../../plugins/mtls-auth/src/pki.fixture.ts'
import {
  inOrder,
  startGateway,
  temporaryFolder,
  until,
  type RunningGateway,
} from './support/gateway.ts'
import { serve } from './support/peers.ts'
import { startWithPlugins } from './support/with-plugins.ts'

const root = createAuthority('root', 'rsa')
const between = root.below('between')
const stranger = createAuthority('stranger')
const [alice, carol, expired] = [
  root.issue({ commonName: 'alice', names: 'DNS:alice.db.example,URI:spiffe://prod/alice' }),
  root.issue({ commonName: 'carol' }),
  root.issue({ commonName: 'expired', from: -9, to: -1 }),
]
const bob = between.issue({ commonName: 'bob' })
const mallory = stranger.issue({ commonName: 'alice', names: 'DNS:alice.db.example' })
const nothingRevoked = root.crl({ from: -2 })
root.revoke(carol)
const carolRevoked = root.crl()
between.revoke(bob)
afterAll(burnBooks)

/** `openssl s_client` with a certificate: what the upstream said to it, and what it said itself. */
function dial(
  { port }: RunningGateway,
  identity: Identity | undefined,
  ...more: readonly string[]
): Promise<{ served: string; words: string }> {
  const shown = identity ? ['-cert', identity.path, '-key', identity.keyPath] : []
  const args = ['-connect', `127.0.0.1:${port}`, '-servername', 'a.example', '-ign_eof']
  const client = spawn('openssl', ['s_client', ...args, ...shown, ...more])
  let text = ''
  client.stdout.on('data', (chunk) => (text += chunk))
  client.stderr.on('data', (chunk) => (text += chunk))
  client.stdin.on('error', () => undefined).end('hello\n')
  return new Promise((resolve) => {
    client.once('close', () => {
      resolve({ served: /served (\w+)/.exec(text)?.[1] ?? '', words: text })
    })
  })
}

/** A TLS route to somebody who answers once. */
async function publish(gateway: RunningGateway): Promise<void> {
  const upstream = await serve((socket) => {
    socket.once('data', (chunk) => socket.end(`served ${String(chunk)}`))
  })
  await gateway.create('/services', { name: 'up', url: `tcp://127.0.0.1:${upstream.port}` })
  const route = { name: 'db', protocols: ['tls'], snis: ['a.example'] }
  await gateway.create('/services/up/routes', route)
}

/** The same with the plugin, and with a log of its connections. */
async function protect(gateway: RunningGateway, config: object) {
  await publish(gateway)
  const plugin = await gateway.create('/routes/db/plugins', { name: 'mtls-auth', config })
  const log = join(temporaryFolder(), 'connections.log')
  await gateway.create('/routes/db/plugins', { name: 'file-log', config: { path: log } })
  return { gateway, id: plugin.id, log }
}

const guarded = async (config: object) => protect(await startGateway(), config)

/** Every connection with its own line: the access log gathers those that came to nothing. */
async function endings(file: string, count: number): Promise<readonly (readonly unknown[])[]> {
  const lines = () => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [])
  await until(
    () => lines().length >= count,
    () => lines().join('\n'),
  )
  return inOrder(lines().map((line) => JSON.parse(line))).map(({ ending, reason }) => [
    ending,
    reason,
  ])
}

test.each(['-tls1_2', '-tls1_3'])('who is let in, and who is not (%s)', async (version) => {
  const { gateway, log } = await guarded({ ca_certificates: [root.cert] })
  const chain = join(temporaryFolder(), 'chain.pem')
  writeFileSync(chain, between.cert)
  const [fine, deep, wrong, old, none] = [
    await dial(gateway, alice, version),
    await dial(gateway, bob, version, '-cert_chain', chain),
    await dial(gateway, mallory, version),
    await dial(gateway, expired, version),
    await dial(gateway, undefined, version),
  ]
  expect([fine, deep, wrong, old, none].map(({ served }) => served)).toEqual([
    'hello',
    'hello',
    '',
    '',
    '',
  ])
  // Who may have signed is told to clients, so that they can choose.
  expect(fine.words).toContain('Acceptable client certificate CA names\nCN = root')
  expect(none.words).toMatch(/alert (certificate required|handshake failure)/)
  const refused = 'client.tls.handshake_failed'
  expect(await endings(log, 5)).toEqual([
    ['upstream.closed', undefined],
    ['upstream.closed', undefined],
    [refused, expect.stringMatching(/refused: UNABLE_TO_(VERIFY_LEAF|GET_ISSUER)/)],
    [refused, 'the client certificate is refused: CERT_HAS_EXPIRED'],
    [refused, 'peer did not return a certificate'],
  ])
})

const rejected = 'plugin.mtls-auth.rejected'

test('an optional certificate may be missing, but not wrong', async () => {
  const { gateway, log } = await guarded({
    ca_certificates: [root.cert],
    client_certificate: 'optional',
    allowed_names: ['URI:spiffe://prod/*'],
  })
  const dials = [undefined, alice, mallory, carol]
  const served = []
  for (const each of dials) served.push((await dial(gateway, each)).served)
  expect(served).toEqual(['hello', 'hello', '', ''])
  expect((await endings(log, 4)).slice(2)).toEqual([
    [rejected, expect.stringContaining('refused: UNABLE_TO_')],
    [rejected, 'the client certificate is not allowed: CN=carol'],
  ])
})

test('a revocation list in a file is followed, and a broken one changes nothing', async () => {
  const file = join(temporaryFolder(), 'root.crl')
  writeFileSync(file, nothingRevoked)
  const { gateway, log } = await guarded({
    ca_certificates: [root.cert],
    revocation_check_mode: 'STRICT',
    crl_files: [file],
    crl_reload: 1,
  })
  expect(await dial(gateway, carol)).toMatchObject({ served: 'hello' })
  writeFileSync(file, carolRevoked)
  await until(async () => (await dial(gateway, carol)).served === '')
  writeFileSync(file, 'nonsense')
  await until(async () => {
    expect((await dial(gateway, carol)).served).toBe('')
    return gateway.output().includes('the last good one stays')
  })
  expect(await dial(gateway, alice)).toMatchObject({ served: 'hello' })
  // Of the intermediate's there is none.
  const chain = join(temporaryFolder(), 'chain.pem')
  writeFileSync(chain, between.cert)
  expect(await dial(gateway, bob, '-cert_chain', chain)).toMatchObject({ served: '' })
  const unknown = 'there is no revocation list of CN=between'
  await until(() => readFileSync(log, 'utf8').includes(unknown))
  const reasons = new Set((await endings(log, 1)).map(([, reason]) => reason))
  expect([...reasons]).toEqual([
    undefined,
    'the certificate is revoked: CN=carol',
    `it is not known whether the certificate is revoked: ${unknown}`,
  ])
})

test.each(['-tls1_2', '-tls1_3'])(
  'a session resumes, and is held to the list of names all the same; with revocation lists none does (%s)',
  async (version) => {
    const { gateway, id } = await guarded({ ca_certificates: [root.cert] })
    const session = join(temporaryFolder(), 'session.pem')
    const first = await dial(gateway, alice, version, '-sess_out', session)
    const again = await dial(gateway, alice, version, '-sess_in', session)
    expect([first.words, again.words].map((text) => /^(New|Reused), /m.exec(text)?.[1])).toEqual([
      'New',
      'Reused',
    ])
    expect(again.served).toBe('hello')
    const config = { allowed_names: ['DNS:bob.db.example'] }
    await gateway.admin('PATCH', `/plugins/${id}`, { config })
    expect(await dial(gateway, alice, version, '-sess_in', session)).toMatchObject({ served: '' })
    const lists = { allowed_names: null, crl: [carolRevoked] }
    await gateway.admin('PATCH', `/plugins/${id}`, { config: lists })
    const anew = await dial(gateway, alice, version, '-sess_in', session, '-sess_out', session)
    const yetAgain = await dial(gateway, alice, version, '-sess_in', session)
    for (const { words, served } of [anew, yetAgain]) {
      expect([/^(New|Reused), /m.exec(words)?.[1], served]).toEqual(['New', 'hello'])
    }
    expect(await dial(gateway, carol, version)).toMatchObject({ served: '' })
  },
)

test('CA certificates are named by their ids, and a change of one is followed', async () => {
  const gateway = await startGateway()
  const add = (cert: string) => gateway.create('/ca_certificates', { cert })
  const kept = await add(stranger.cert)
  await publish(gateway)
  const unknown = '00000000-0000-4000-8000-00000000000f'
  const put = (...ids: readonly string[]) => ({
    name: 'mtls-auth',
    config: { ca_certificates: ids },
  })
  expect(await gateway.admin('POST', '/routes/db/plugins', put(kept.id, unknown))).toMatchObject({
    status: 400,
    body: {
      fields: { config: { ca_certificates: { 2: `there is no CA certificate ${unknown}` } } },
    },
  })
  const plugin = await gateway.create('/routes/db/plugins', put(kept.id))
  expect(plugin.config.ca_certificates).toEqual([kept.id])
  expect([(await dial(gateway, mallory)).served, (await dial(gateway, alice)).served]).toEqual([
    'hello',
    '',
  ])
  await gateway.admin('PATCH', `/ca_certificates/${kept.id}`, { cert: root.cert })
  expect([(await dial(gateway, mallory)).served, (await dial(gateway, alice)).served]).toEqual([
    '',
    'hello',
  ])
  expect(await gateway.admin('DELETE', `/ca_certificates/${kept.id}`)).toMatchObject({
    status: 400,
    body: {
      message: expect.stringContaining(`is still referenced by plugins (id = ${plugin.id})`),
    },
  })
})

test('whoever comes later knows the client', async () => {
  const gateway = await startWithPlugins(
    {
      greeter: `phases: {
        balance: (conn, { log }) => log.info({ who: conn.get(slot('identity')) }, 'met somebody'),
      }`,
    },
    { settings: { log_level: 'info' } },
  )
  await protect(gateway, { ca_certificates: [root.cert] })
  await gateway.create('/routes/db/plugins', { name: 'greeter' })
  expect(await dial(gateway, alice)).toMatchObject({ served: 'hello' })
  await until(() => gateway.output().includes('met somebody'))
  const line = gateway.output().match(/^.*met somebody.*$/m)?.[0] ?? ''
  expect(JSON.parse(line).who).toEqual({
    subject: 'CN=alice',
    names: ['DNS:alice.db.example', 'URI:spiffe://prod/alice'],
    fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
  })
})

test.each([{ limit_by: 'client-certificate' }, { limit_by: 'slot', slot: 'identity' }])(
  'other plugins tell clients apart by who they are: %j',
  async (by) => {
    const { gateway } = await guarded({ ca_certificates: [root.cert] })
    const config = { hour: 1, ...by }
    await gateway.create('/routes/db/plugins', { name: 'rate-limiting', config })
    const served = []
    for (const each of [alice, alice, carol, carol]) served.push((await dial(gateway, each)).served)
    expect(served).toEqual(['hello', '', 'hello', ''])
  },
)
