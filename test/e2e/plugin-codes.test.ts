import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { pluginCodes } from '../../core/src/errors/plugin-codes.ts'
import { failToStart, startGateway, until } from './support/gateway.ts'
import { hold, serveEcho, talk } from './support/peers.ts'
import { routeTo, startWithPlugins, writePlugins } from './support/with-plugins.ts'

test('the guide has every code, with its meaning, and no other', () => {
  const guide = readFileSync(new URL('../../pdk/README.md', import.meta.url), 'utf8')
  const rows = [...guide.matchAll(/^\| `(plugin_\w+)`\s*\| (.*?)\s*\|$/gm)]
  expect(Object.fromEntries(rows.map(([, code, meaning]) => [code, meaning]))).toEqual(pluginCodes)
})

/** Twice: once in order, then once more. */
const twice = '({ then(done) { done(undefined); done(undefined) } })'

test.each([
  ['plugin_threw', "preread() { throw new Error('boom') }", ''],
  ['plugin_promise_rejected', "async preread() { await null; throw new Error('late') }", ''],
  ['plugin_timeout', 'preread: () => new Promise(() => undefined)', ''],
  ['plugin_bad_answer', 'preread: () => 42 as any', ''],
  ['plugin_answered_null', 'preread: () => null as any', 'hi'],
  ['plugin_settled_twice', `preread: () => ${twice} as any`, 'hi'],
  [
    'plugin_stream_failed',
    "proxy: (conn) => conn.through('upload', new Transform({ transform: (_c, _e, done) => done(new Error('boom')) }))",
    '',
  ],
  [
    'plugin_wrote_after_end',
    "proxy: (conn) => conn.through('upload', new Transform({ transform(chunk, _e, done) { this.push(null); this.push(chunk); done() } }))",
    '',
  ],
  ['plugin_stray_error', "preread() { setTimeout(() => { throw new Error('stray') }) }", 'hi'],
])('%s: it is told by its code, and harms no other connection', async (code, phase, received) => {
  const gateway = await startWithPlugins(
    { odd: `phases: { ${phase} },` },
    { settings: { plugin_timeout: '100ms' } },
  )
  await routeTo(gateway, (await serveEcho()).port)
  const other = await hold(gateway.port)
  const { id } = await gateway.create('/plugins', { name: 'odd' })
  expect((await talk(gateway.port, 'hi')).received).toBe(received)
  await until(
    () => gateway.output().includes(`"code":"${code}"`),
    () => gateway.output(),
  )
  const told = gateway
    .output()
    .split('\n')
    .find((line) => line.includes(`"code":"${code}"`))
  const fields = JSON.parse(told ?? '')
  expect(fields).toMatchObject({ code, plugin: 'odd' })
  if (/threw|rejected|stream/.test(code)) expect(fields.at).toMatch(/\/odd\.ts:\d+$/)
  expect(await other.ask('still here')).toBe('still here')
  await gateway.admin('DELETE', `/plugins/${id}`)
  expect((await talk(gateway.port, 'hi')).received).toBe('hi')
})

test('who fails without an effect is told with the line of its code, too', async () => {
  const throws = "phases: { preread() { throw new Error('boom') } },"
  const gateway = await startWithPlugins({ odd: throws })
  await routeTo(gateway, (await serveEcho()).port)
  await gateway.create('/plugins', { name: 'odd', on_error: 'open' })
  expect((await talk(gateway.port, 'hi')).received).toBe('hi')
  await until(() => gateway.output().includes('"code":"plugin_threw"'))
  expect(gateway.output()).toMatch(/"code":"plugin_threw",[^\n]*"at":"[^"]*\/odd\.ts:\d+"/)
})

test('timers that a plugin keeps are told after its teardown, and hold nothing up', async () => {
  const gateway = await startWithPlugins({
    keeps: `async setup() { await null; setInterval(() => {}, 10); return undefined }, phases: {},`,
    tidy: `setup: () => setInterval(() => {}, 10), teardown: (timer) => clearInterval(timer), phases: {},`,
  })
  await routeTo(gateway, (await serveEcho()).port)
  const { id } = await gateway.create('/plugins', { name: 'keeps' })
  const tidy = await gateway.create('/plugins', { name: 'tidy' })
  for (const each of [tidy.id, id]) await gateway.admin('DELETE', `/plugins/${each}`)
  await until(() => gateway.output().includes('"code":"plugin_kept_timers"'))
  expect(gateway.output().match(/plugin_kept_timers/g)).toHaveLength(1)
  expect((await talk(gateway.port, 'hi')).received).toBe('hi')
  gateway.signal('SIGTERM')
  expect(await gateway.exited).toBe(0)
})

test('a teardown that throws is told by its code', async () => {
  const gateway = await startWithPlugins({
    bad: `setup() {}, teardown() { throw new Error('stuck') }, phases: {},`,
  })
  const { id } = await gateway.create('/plugins', { name: 'bad' })
  await gateway.admin('DELETE', `/plugins/${id}`)
  const told = () => gateway.output().includes('"code":"plugin_teardown_failed"')
  await until(told)
  expect(told()).toBe(true)
})

test('what cannot be loaded keeps a gateway from starting, and a reload from taking it', async () => {
  const bad = writePlugins({ other: "phases: {}, setup: 'no' as any," })
  const failed = await failToStart({ settings: { plugins: bad } })
  expect(failed.code).not.toBe(0)
  expect(failed.output).toContain('[plugin_bad_hooks]')
  const gateway = await startGateway({ conf: { plugins: 'bundled' } })
  await routeTo(gateway, (await serveEcho()).port)
  gateway.configure({ plugins: bad })
  expect((await gateway.reload())['error']).toContain('[plugin_bad_hooks]')
  expect((await talk(gateway.port, 'hi')).received).toBe('hi')
})
