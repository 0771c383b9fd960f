import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { startGateway, until } from './support/gateway.ts'
import { hear, serve, serveEcho, talk, talkTls } from './support/peers.ts'
import { follow, routeTo, startWithPlugins } from './support/with-plugins.ts'

/** Runs the phase's fault for one client and leaves the others alone. */
const victim = '127.0.0.66'
const onlyVictim = (fault: string) => `if (conn.client.address === '${victim}') ${fault}`

test.each(['accept', 'preread', 'balance', 'proxy'])(
  'a plugin that fails in %s refuses that connection and no other',
  async (phase) => {
    const gateway = await startWithPlugins(
      {
        throws: `phases: { ${phase}(conn) { ${onlyVictim("throw new Error('boom')")} } },`,
        hangs: `phases: { ${phase}(conn) { if (conn.client.address === '127.0.0.67') return new Promise(() => {}) } },`,
        rejects: `phases: { async ${phase}(conn) { if (conn.client.address === '127.0.0.68') throw new Error('late boom') } },`,
      },
      { settings: { plugin_timeout: '100ms' } },
    )
    const lines = await follow(gateway)
    const echo = await serveEcho()
    await routeTo(gateway, echo.port)
    for (const name of ['throws', 'hangs', 'rejects']) await gateway.create('/plugins', { name })
    const good = connect({ port: gateway.port, host: '127.0.0.1', allowHalfOpen: true })
    good.write('still ')
    await until(() => echo.live.size === 1)
    for (const from of [victim, '127.0.0.67', '127.0.0.68']) {
      expect(await talk(gateway.port, 'hi', { from })).toEqual({ received: '', how: 'end' })
    }
    expect(await talk(gateway.port, 'hi')).toMatchObject({ received: 'hi' })
    good.end('alive')
    expect(await hear(good)).toMatchObject({ received: 'still alive' })
    const endings = (await lines(5)).map(({ ending, reason, session }) => [
      ending,
      reason,
      session.status,
    ])
    expect(endings.slice(0, 3)).toEqual([
      ['plugin.throws.failed', 'boom', 500],
      ['plugin.hangs.timeout', 'did not settle within 100 ms', 500],
      ['plugin.rejects.failed', 'late boom', 500],
    ])
    expect(gateway.output()).toContain(`plugin throws, ${phase}: boom`)
    expect(echo.live.size).toBe(0)
  },
)

test('a plugin that fails in tls refuses the connection', async () => {
  const gateway = await startWithPlugins({
    throws: "phases: { tls() { throw new Error('boom') } },",
  })
  const lines = await follow(gateway)
  await gateway.create('/services', { name: 'up', url: 'tcp://127.0.0.1:1' })
  await gateway.create('/services/up/routes', { protocols: ['tls'], snis: ['a.example'] })
  await gateway.create('/plugins', { name: 'throws' })
  expect((await talkTls(gateway.port, 'hi', { servername: 'a.example' })).received).toBe('')
  expect(await lines(1)).toMatchObject([
    { ending: 'plugin.throws.failed', reason: 'boom', sni: 'a.example' },
  ])
  await until(() => gateway.output().includes('plugin throws, tls: boom'))
})

test.each([
  ['null', 'null', 'client.closed'],
  ['a number', '42', 'plugin.odd.failed'],
  ['an object', '({})', 'plugin.odd.failed'],
])('a plugin that answers %s', async (_what, answer, ending) => {
  const gateway = await startWithPlugins({ odd: `phases: { preread: () => ${answer} as any },` })
  const lines = await follow(gateway)
  await routeTo(gateway, (await serveEcho()).port)
  await gateway.create('/plugins', { name: 'odd' })
  await talk(gateway.port, 'hi')
  expect(await lines(1)).toMatchObject([{ ending }])
})

test('a plugin that answers after the client has left harms nobody', async () => {
  const gateway = await startWithPlugins({
    late: `phases: { preread(_conn, { log }) {
      log.warn({}, 'thinking')
      return new Promise((resolve) => setTimeout(resolve, 100))
    } },`,
  })
  const lines = await follow(gateway)
  await routeTo(gateway, (await serveEcho()).port)
  await gateway.create('/plugins', { name: 'late' })
  const gone = connect({ port: gateway.port, host: '127.0.0.1' })
  await until(() => gateway.output().includes('thinking'))
  gone.resetAndDestroy()
  expect(await talk(gateway.port, 'hi')).toMatchObject({ received: 'hi' })
  expect((await lines(2)).map(({ ending }) => ending).toSorted()).toEqual([
    'client.closed',
    'client.reset',
  ])
})

test('a client that resets while a plugin looks at its bytes is not the plugin’s fault; nor is one that is silent', async () => {
  const gateway = await startWithPlugins(
    {
      looks: `phases: { async preread(conn, { log }) {
        log.warn({}, 'looking')
        await conn.peek(8)
      } },`,
    },
    { settings: { preread_timeout: '200ms' } },
  )
  const lines = await follow(gateway)
  await routeTo(gateway, (await serveEcho()).port)
  await gateway.create('/plugins', { name: 'looks' })
  const gone = connect({ port: gateway.port, host: '127.0.0.1' }, () => gone.write('abc'))
  // One that is reset before it is accepted is no connection yet.
  await until(() => gateway.output().includes('looking'))
  gone.resetAndDestroy()
  await lines(1)
  await hear(connect({ port: gateway.port, host: '127.0.0.1' }))
  expect(await talk(gateway.port, 'abc')).toMatchObject({ received: 'abc' })
  expect(await talk(gateway.port, 'abcdefghij')).toMatchObject({ received: 'abcdefghij' })
  const endings = (await lines(4)).map(({ ending }) => ending)
  expect(endings).toEqual([
    'client.reset',
    'client.preread.timeout',
    'client.closed',
    'client.closed',
  ])
})

test('log plugins hear of the ending though another one fails', async () => {
  const gateway = await startWithPlugins(
    {
      throws: "phases: { log() { throw new Error('disk full') } },",
      hangs: 'phases: { log: () => new Promise(() => {}) },',
    },
    { settings: { plugin_timeout: '50ms' } },
  )
  const lines = await follow(gateway)
  await routeTo(gateway, (await serveEcho()).port)
  for (const name of ['throws', 'hangs']) await gateway.create('/plugins', { name })
  await talk(gateway.port, 'hi')
  await lines(1)
  await until(() => /plugin hangs, log: did not settle/.test(gateway.output()))
  expect(gateway.output()).toContain('plugin throws, log: disk full')
})

const mebibyte = 2 ** 20
const offered = 256 * mebibyte

function residentMemory(pid: number): number {
  return (
    Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024
  )
}

/** Writes until nothing more is taken; answers with how much was. */
async function pour(socket: Socket): Promise<number> {
  const chunk = Buffer.alloc(mebibyte)
  let written = 0
  const more = (): void => {
    while (written < offered) {
      written += chunk.length
      if (!socket.write(chunk)) return
    }
  }
  socket.on('drain', more)
  more()
  let before = -1
  while (before !== socket.bytesWritten - socket.writableLength) {
    before = socket.bytesWritten - socket.writableLength
    await new Promise((resolve) => setTimeout(resolve, 300))
  }
  return before
}

test.skipIf(process.platform !== 'linux').each(['client', 'upstream'])(
  'a %s that never reads costs a buffer, not a heap',
  async (side) => {
    const gateway = await startGateway()
    const upstream = await serve((socket) => socket.pause())
    await routeTo(gateway, upstream.port)
    const client = connect({ port: gateway.port, host: '127.0.0.1' })
    client.on('error', () => undefined).pause()
    onTestFinished(() => void client.destroy())
    await until(() => upstream.live.size === 1)
    const [server] = [...upstream.live]
    const before = residentMemory(gateway.pid)
    const taken = await pour(side === 'client' ? server! : client)
    expect(taken).toBeGreaterThan(0)
    expect(taken).toBeLessThan(64 * mebibyte)
    expect(residentMemory(gateway.pid) - before).toBeLessThan(64 * mebibyte)
  },
)
