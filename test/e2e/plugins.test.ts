import { connect } from 'node:net'
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { startGateway, until } from './support/gateway.ts'
import { serve, serveEcho, talk, talkTls } from './support/peers.ts'
import { follow, routeTo, startWithPlugins } from './support/with-plugins.ts'

/** Says farewell with the text of its configuration. */
const speaker = `schema: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] },
  phases: { preread: (_conn, { config }) => reject('told to', config.text) },`

test('of one plugin the most specific instance acts; a disabled one, or one for other protocols, leaves the field', async () => {
  const gateway = await startWithPlugins({ speaker })
  const echo = await serveEcho()
  await gateway.create('/services', { name: 'up', url: `tcp://127.0.0.1:${echo.port}` })
  const route = { protocols: ['tcp', 'tls'], sources: [{ ip: '127.0.0.0/8' }] }
  await gateway.create('/services/up/routes', { name: 'plain', ...route })
  const said = async () => (await talk(gateway.port, 'hi')).received
  const enable = (path: string, text: string) =>
    gateway.create(`${path}/plugins`, { name: 'speaker', config: { text } })
  expect(await said()).toBe('hi')
  await enable('', 'global')
  expect(await said()).toBe('global')
  await enable('/services/up', 'service')
  expect(await said()).toBe('service')
  const { id } = await enable('/routes/plain', 'route')
  expect(await said()).toBe('route')
  await gateway.admin('PATCH', `/plugins/${id}`, { protocols: ['tls'] })
  expect(await said()).toBe('service')
  await gateway.admin('PATCH', `/plugins/${id}`, {
    protocols: ['tcp'],
    config: { text: 'changed' },
  })
  expect(await said()).toBe('changed')
  await gateway.admin('PATCH', `/plugins/${id}`, { enabled: false })
  expect(await said()).toBe('service')
})

test('a farewell arrives, though the client has said more than anybody read', async () => {
  const gateway = await startWithPlugins({ speaker })
  const lines = await follow(gateway)
  await routeTo(gateway, 1)
  await gateway.create('/plugins', { name: 'speaker', config: { text: 'closed for today' } })
  const [said] = await Promise.all([
    talk(gateway.port, Buffer.alloc(50_000)),
    talk(gateway.port, '', { halfClose: false }),
  ])
  expect(said).toEqual({ received: 'closed for today', how: 'end' })
  expect(await lines(2)).toMatchObject(
    [1, 2].map(() => ({
      ending: 'plugin.speaker.rejected',
      reason: 'told to',
      session: { status: 403, sent: 16 },
    })),
  )
})

test('plugins observe, transform and throttle the bytes, in the order of their priorities', async () => {
  const upper = (
    direction: string,
    mark: string,
  ) => `phases: { proxy: (conn) => conn.through('${direction}', new Transform({
    transform(chunk, _encoding, done) { done(null, String(chunk).toUpperCase() + '${mark}') } })) },`
  const gateway = await startWithPlugins({
    observer: `phases: {
      proxy(conn) { let seen = 0; conn.observe('upload', (chunk) => { seen += chunk.length; conn.set(slot('seen'), seen) }) },
      log: (summary, { log }) => log.warn({}, 'observed ' + summary.get(slot('seen'))),
    },`,
    first: upper('upload', '1'),
    second: upper('upload', '2'),
    down: upper('download', '3'),
    slow: "phases: { proxy: (conn) => conn.throttle('upload', 1_000_000) },",
  })
  const lines = await follow(gateway)
  await routeTo(gateway, (await serveEcho()).port)
  for (const name of ['observer', 'first', 'second', 'down', 'slow'])
    await gateway.create('/plugins', { name })
  expect(await talk(gateway.port, 'hi')).toEqual({ received: 'HI123', how: 'end' })
  expect(await lines(1)).toMatchObject([
    { session: { received: 2, sent: 5 }, upstream: { sent: 4, received: 4 } },
  ])
  await until(() => gateway.output().includes('observed 2'))
})

test.each([
  ['an observer that throws', "conn.observe('upload', () => { throw new Error('boom') })", 'boom'],
  [
    'a transform that fails',
    "conn.through('upload', new Transform({ transform: (_chunk, _encoding, done) => done(new Error('boom')) }))",
    'boom',
  ],
  [
    'a transform that closes early',
    "conn.through('download', new Transform({ transform() { this.destroy() } }))",
    'its transform closed before the end of the stream',
  ],
  [
    'a throttle that is no number',
    "conn.throttle('upload', Number.NaN)",
    'throttle(…) takes bytes per second, more than 0, not NaN',
  ],
])('%s is blamed on its plugin, not on its neighbours', async (_what, call, message) => {
  const gateway = await startWithPlugins({
    before:
      "phases: { proxy: (conn) => conn.through('upload', new Transform({ transform: (chunk, _encoding, done) => done(null, chunk) })) },",
    culprit: `phases: { proxy(conn) { ${call} } },`,
    after: "phases: { proxy: (conn) => conn.observe('download', () => {}) },",
  })
  const lines = await follow(gateway)
  await routeTo(gateway, (await serveEcho()).port)
  for (const name of ['before', 'culprit', 'after']) await gateway.create('/plugins', { name })
  expect((await talk(gateway.port, 'hi')).received).toBe('')
  expect(await lines(1)).toMatchObject([{ ending: 'plugin.culprit.failed', reason: message }])
})

test('a value that one plugin leaves is there for another one, up to the log', async () => {
  const gateway = await startWithPlugins({
    giver:
      "phases: { async preread(conn) { conn.set(slot('opening'), Buffer.from(await conn.peek(2)).toString()) } },",
    taker:
      "phases: { balance: (conn) => conn.get(slot('opening')) === 'no' ? reject('opening ' + conn.get(slot('opening'))) : undefined },",
  })
  await routeTo(gateway, (await serveEcho()).port)
  for (const name of ['giver', 'taker']) await gateway.create('/plugins', { name })
  expect(await talk(gateway.port, 'yes')).toMatchObject({ received: 'yes' })
  expect(await talk(gateway.port, 'no')).toMatchObject({ received: '' })
  await until(() => gateway.endings().some(({ reason }) => reason === 'opening no'))
})

test('a plugin decides between passing through and ending TLS', async () => {
  const gateway = await startWithPlugins({
    decides:
      "phases: { tls: ({ hello }) => hello.serverName === 'in.example' ? passthrough : terminate() },",
  })
  const first = await serve((socket) =>
    socket.once('data', (chunk) =>
      socket.end(createHash('sha256').update(String(chunk[0])).digest('hex').slice(0, 8)),
    ),
  )
  const lines = await follow(gateway)
  await gateway.create('/services', { name: 'up', url: `tcp://127.0.0.1:${first.port}` })
  await gateway.create('/services/up/routes', {
    protocols: ['tls'],
    snis: ['in.example', 'out.example'],
  })
  await gateway.create('/plugins', { name: 'decides' })
  expect((await talkTls(gateway.port, 'hi', { servername: 'out.example' })).received).toHaveLength(
    8,
  )
  expect((await talkTls(gateway.port, 'hi', { servername: 'in.example' })).received).toBe('')
  const [ended, passed] = await lines(2)
  expect(ended?.session.tls).toMatchObject({ version: 'TLSv1.3' })
  expect(passed?.session.tls).toBeUndefined()
  expect(passed?.session.sent).toBe(8)
})

test('a session that is routed again asks no instance twice, in neither of its routes', async () => {
  const counter =
    'phases: { async preread(conn, { log }) { log.warn({}, `asked on ${conn.route.name}`); if (conn.hello) await conn.peek(1) } },'
  const gateway = await startWithPlugins(
    { counter, later: counter },
    { settings: { preread_silence: '20ms' } },
  )
  const silent = await serve((socket) => socket.resume().on('end', () => socket.end()))
  const echo = await serveEcho()
  await routeTo(gateway, silent.port)
  await gateway.create('/services', { name: 'tls', url: `tcp://127.0.0.1:${echo.port}` })
  await gateway.create('/services/tls/routes', {
    name: 'late',
    protocols: ['tls'],
    snis: ['late.example'],
  })
  await gateway.create('/plugins', { name: 'counter' })
  await gateway.create('/plugins', { name: 'rate-limiting', config: { hour: 2 } })
  await gateway.create('/routes/late/plugins', { name: 'later' })
  for (const text of ['one', 'two']) {
    const socket = connect(gateway.port, '127.0.0.1')
    await until(() => silent.live.size === 1)
    expect(await talkTls(0, text, { socket, servername: 'late.example' })).toMatchObject({
      received: text,
    })
    await until(() => silent.live.size === 0)
  }
  expect(await talkTls(gateway.port, 'three', { servername: 'late.example' })).toMatchObject({
    received: '',
  })
  expect(gateway.output().match(/asked on plain/g)).toHaveLength(2)
  // The third client speaks at once: `counter` is asked on the TLS route, and `later` after it is not, for it is refused or asked first by priority.
  expect(gateway.output().match(/asked on late/g)?.length).toBeLessThanOrEqual(4)
})

test('limits hold exactly over two workers', async () => {
  const gateway = await startGateway({ settings: { worker_processes: '2' } })
  await routeTo(gateway, (await serveEcho()).port)
  await gateway.create('/routes/plain/plugins', {
    name: 'rate-limiting',
    config: { day: 20, limit_by: 'route' },
  })
  const talks = await Promise.all(Array.from({ length: 60 }, () => talk(gateway.port, 'hi')))
  expect(talks.filter(({ received }) => received === 'hi')).toHaveLength(20)
  await until(() => gateway.output().includes('plugin.rate-limiting.rejected'))
})

test('addresses are allowed and denied', async () => {
  const gateway = await startGateway()
  await routeTo(gateway, (await serveEcho()).port)
  await gateway.create('/plugins', {
    name: 'ip-restriction',
    config: { allow: ['127.0.0.0/30'], deny: ['127.0.0.3'] },
  })
  const said = await Promise.all(
    ['127.0.0.2', '127.0.0.3', '127.0.0.9'].map((from) => talk(gateway.port, 'hi', { from })),
  )
  expect(said.map(({ received }) => received)).toEqual(['hi', '', ''])
})

test('connections are logged to a server, one line of JSON each', async () => {
  const gateway = await startGateway()
  let text = ''
  const sink = await serve((socket) => void socket.on('data', (chunk) => (text += String(chunk))))
  await routeTo(gateway, (await serveEcho()).port)
  await gateway.create('/plugins', {
    name: 'tcp-log',
    config: { host: '127.0.0.1', port: sink.port },
  })
  await talk(gateway.port, 'one')
  await talk(gateway.port, 'three')
  await until(() => text.split('\n').length === 3)
  const lines = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(lines).toMatchObject(
    [3, 5].map((received) => ({
      ending: 'client.closed',
      session: { received },
      service: { name: 'up' },
    })),
  )
})

test('a plugin whose setup fails vetoes the change, and the old one goes on', async () => {
  const gateway = await startWithPlugins({
    picky: `schema: { type: 'object', properties: { ok: { type: 'boolean' } } },
      setup: ({ config }) => { if (config.ok === false) throw new Error('not today') },
      phases: { preread: () => reject('no', 'refused') },`,
  })
  await routeTo(gateway, (await serveEcho()).port)
  const { id } = await gateway.create('/plugins', { name: 'picky', config: { ok: true } })
  const answer = await gateway.admin('PATCH', `/plugins/${id}`, { config: { ok: false } })
  expect(answer.status).toBe(400)
  expect(JSON.stringify(answer.body)).toContain('not today')
  expect((await talk(gateway.port, '')).received).toBe('refused')
})
