import { Transform } from 'node:stream'
import { expect, test } from 'vitest'
import { definePlugin, passthrough, reject, terminate } from '../index.ts'
import type { Phases } from '../index.ts'
import { mount } from './mount.ts'

function trial(phases: Phases<unknown, undefined>) {
  const schema = { type: 'object', properties: {} } as const
  return mount(definePlugin({ name: 'trial', version: '1.0.0', priority: 1, schema, phases }), {})
}

test('peeking looks and does not take', async () => {
  const looks: string[] = []
  const plugin = await trial({
    async preread(conn) {
      looks.push(
        Buffer.from(await conn.peek(2)).toString(),
        Buffer.from(await conn.peek(5)).toString(),
      )
    },
  })
  expect(await plugin.connect({ bytes: ['ab', 'cd', 'ef'] })).toMatchObject({ upload: 'abcdef' })
  expect(looks).toEqual(['ab', 'abcdef'])
})

test('on a TLS connection a peek shows the ClientHello, never plaintext', async () => {
  let opening: Uint8Array = Buffer.of()
  const plugin = await trial({
    async preread(conn) {
      opening = await conn.peek(5)
    },
  })
  const ended = await plugin.connect({ sni: 'Db.Example.', alpn: ['h2'], bytes: 'secret' })
  expect(opening[0]).toBe(0x16)
  expect(Buffer.from(opening).includes('db.example')).toBe(true)
  expect(Buffer.from(opening).includes('secret')).toBe(false)
  expect(ended).toMatchObject({ outcome: 'proxied', upload: 'secret' })
  expect(ended.summary.hello).toMatchObject({ serverName: 'db.example', alpn: ['h2'] })
})

test('the deadline ends the connection, even when the plugin catches it', async () => {
  const plugin = await trial({
    preread: (conn) =>
      conn.peek(9).then(
        () => undefined,
        () => undefined,
      ),
  })
  expect(await plugin.connect({ bytes: 'abc', ends: false })).toMatchObject({
    outcome: 'failed',
    ending: 'client.preread.timeout',
  })
})

test('the deadline does not end a connection whose plugin has not waited for it', async () => {
  const plugin = await trial({
    preread(conn) {
      conn.peek(9).catch(() => undefined)
    },
  })
  expect(await plugin.connect({ bytes: 'abc', ends: false })).toMatchObject({
    outcome: 'proxied',
    ending: 'upstream.closed',
  })
})

test('a plugin speaks first, and takes the answer', async () => {
  const plugin = await trial({
    async preread(conn) {
      await conn.say('220 who is there?\r\n')
      const name = Buffer.from(await conn.take(5)).toString()
      if (name !== 'alice') return reject(`not ${name}`, '550 go away\r\n')
    },
  })
  const bytes = ['al', 'icehello']
  const ended = await plugin.connect({ bytes, reply: 'welcome' })
  expect(ended).toMatchObject({
    said: '220 who is there?\r\n',
    upload: 'hello',
    download: 'welcome',
  })
  expect(ended.summary.bytes).toEqual({
    client: { received: 10, sent: 26 },
    upstream: { received: 7, sent: 5 },
  })
  expect(await plugin.connect({ bytes: 'carol' })).toMatchObject({
    reason: 'not carol',
    said: '220 who is there?\r\n',
    farewell: '550 go away\r\n',
    upload: '',
  })
})

test('a client that was asked to starts TLS, and says the rest in it', async () => {
  const protocols: string[] = []
  const plugin = await trial({
    async preread(conn) {
      await conn.take(8)
      await conn.say('S')
      conn.startTls()
    },
    tls: ({ protocol, hello }) => void protocols.push(protocol, hello.serverName ?? ''),
  })
  const ended = await plugin.connect({
    protocol: 'tcp',
    sni: 'db.example',
    bytes: 'REQUEST.hello',
  })
  expect(ended).toMatchObject({ outcome: 'proxied', said: 'S', upload: 'hello' })
  expect(ended.summary).toMatchObject({ protocol: 'tls', tls: { version: 'TLSv1.3' } })
  expect(protocols).toEqual(['tls', 'db.example'])
})

test.each<[string, Phases<unknown, undefined>['preread']]>([
  ['take(n)', (conn) => conn.take(1).then(() => undefined)],
  ['say(bytes)', (conn) => conn.say('x')],
  ['startTls()', (conn) => conn.startTls()],
])('%s is not for a client that speaks TLS', async (what, preread) => {
  const plugin = await trial(preread ? { preread } : {})
  expect(await plugin.connect({ sni: 'a' })).toMatchObject({
    ending: 'plugin.trial.failed',
    reason: `${what} is for plain connections, and this one speaks TLS`,
  })
})

test('a route without a service is refused after preread', async () => {
  const plugin = await trial({ balance: () => reject('never asked') })
  expect(await plugin.connect({ service: null })).toMatchObject({
    outcome: 'failed',
    ending: 'gateway.service.none',
  })
})

test('the tls phase decides what the bytes are', async () => {
  const through = await trial({ tls: () => passthrough })
  const opaque = await through.connect({ sni: 'a.example', bytes: 'rest' })
  expect(opaque.bytes.upload[0]).toBe(0x16)
  expect(opaque.summary.tls).toBeUndefined()
  const ended = await trial({ tls: () => terminate() })
  expect(
    await ended.connect({ protocol: 'tls_passthrough', sni: 'a', bytes: 'rest' }),
  ).toMatchObject({
    upload: 'rest',
    summary: { tls: { version: 'TLSv1.3' } },
  })
})

test('a client certificate is shown when it is asked for', async () => {
  const subjects: (string | undefined)[] = []
  const plugin = await trial({
    tls: () => terminate({ clientCertificate: { required: true, ca: [] } }),
    balance: ({ tls }) => void subjects.push(tls?.clientCertificate?.subject),
  })
  expect(await plugin.connect({ sni: 'a' })).toMatchObject({
    ending: 'client.tls.handshake_failed',
    reason: 'peer did not return a certificate',
  })
  expect(await plugin.connect({ sni: 'a', certificate: { subject: 'CN=bob' } })).toMatchObject({
    outcome: 'proxied',
  })
  expect(subjects).toEqual(['CN=bob'])
  const unknown = { verified: false, failure: 'CERT_HAS_EXPIRED' }
  expect(await plugin.connect({ sni: 'a', certificate: unknown })).toMatchObject({
    reason: 'the client certificate is refused: CERT_HAS_EXPIRED',
  })
})

test('a failed target is gone when the phase is asked again', async () => {
  const asked: string[][] = []
  const plugin = await trial({
    balance: ({ targets, failed }) => {
      asked.push([String(failed), ...targets.map(({ host }) => host)])
      return targets.at(-1)
    },
  })
  const ended = await plugin.connect({ targets: ['a:1', 'b:1', 'c:1'], failing: ['c:1'] })
  expect(asked).toEqual([
    ['0', 'a', 'b', 'c'],
    ['1', 'a', 'b'],
  ])
  expect(ended).toMatchObject({ outcome: 'proxied', target: 'b:1' })
  expect(ended.summary.tries).toMatchObject([
    { host: 'c', failure: 'upstream.connect.refused' },
    { host: 'b' },
  ])
})

test('an answer may be any target, and a failing one ends after the retries', async () => {
  const elsewhere = await trial({ balance: () => ({ host: 'z', port: 9 }) })
  expect(await elsewhere.connect()).toMatchObject({ outcome: 'proxied', target: 'z:9' })
  const stuck = await elsewhere.connect({ failing: ['z:9'], retries: 2 })
  expect(stuck).toMatchObject({
    outcome: 'failed',
    ending: 'upstream.connect.refused',
    reason: 'connect ECONNREFUSED z:9',
  })
  expect(stuck.summary.tries).toHaveLength(3)
  expect(await elsewhere.connect({ targets: [] })).toMatchObject({ ending: 'gateway.target.none' })
})

test('an answer may have terms of its own, and bad ones are a fault of the plugin', async () => {
  const terms = { tls: { serverName: 'db.example', verify: true }, timeouts: { connect: 500 } }
  const own = await trial({ balance: () => ({ host: 'z', port: 9, ...terms }) })
  expect(await own.connect()).toMatchObject({ target: 'z:9', terms })
  const none = await trial({})
  expect((await none.connect()).terms).toBeUndefined()
  const bad = await trial({ balance: () => ({ host: 'z', port: 9, tls: { serverName: 'a:1' } }) })
  expect(await bad.connect()).toMatchObject({
    ending: 'plugin.trial.failed',
    reason: "the target's tls.serverName is no host name",
  })
})

test('observers and transforms run over the bytes', async () => {
  const chunks: string[] = []
  const shout = () =>
    new Transform({
      transform: (chunk: Buffer, _, done) => done(null, chunk.toString().toUpperCase()),
    })
  const plugin = await trial({
    proxy(conn) {
      conn.observe('upload', (chunk) => void chunks.push(Buffer.from(chunk).toString()))
      conn.through('upload', shout())
      conn.through('download', shout())
      conn.throttle('download', 1000)
    },
  })
  const ended = await plugin.connect({
    bytes: ['he', 'llo'],
    reply: (upload) => `re: ${Buffer.from(upload).toString()}!`,
  })
  expect(ended).toMatchObject({
    upload: 'HELLO',
    download: 'RE: HELLO!',
    throttle: { download: 1000 },
  })
  expect(chunks).toEqual(['he', 'llo'])
  expect(ended.summary.bytes).toEqual({
    client: { received: 5, sent: 10 },
    upstream: { received: 10, sent: 5 },
  })
})

test('a plugin cannot throttle to nothing', async () => {
  const plugin = await trial({ proxy: (conn) => conn.throttle('upload', 0) })
  expect(await plugin.connect()).toMatchObject({
    ending: 'plugin.trial.failed',
    reason: 'throttle(…) takes bytes per second, more than 0, not 0',
  })
})

test.each<[string, Phases<unknown, undefined>['proxy']]>([
  [
    'transform',
    (conn) =>
      conn.through(
        'upload',
        new Transform({ transform: (_chunk, _, done) => done(new Error('too much')) }),
      ),
  ],
  [
    'observer',
    (conn) =>
      conn.observe('download', () => {
        throw new Error('too much')
      }),
  ],
])('a failing %s fails the connection', async (_, proxy) => {
  const plugin = await trial(proxy ? { proxy } : {})
  const ended = await plugin.connect({ bytes: 'x', reply: 'y' })
  expect(ended).toMatchObject({
    outcome: 'failed',
    reason: 'too much',
    ending: 'plugin.trial.failed',
  })
  expect(ended.error).toMatchObject({ phase: 'proxy' })
})
