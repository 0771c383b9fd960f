import { expect, test } from 'vitest'
import { definePlugin, reject, slot } from '../index.ts'
import type { Phases } from '../index.ts'
import { mount } from './mount.ts'

const nothing = { type: 'object', properties: {} } as const
const named = { name: 'trial', version: '1.0.0', priority: 1, schema: nothing } as const

function trial(phases: Phases<unknown, undefined>) {
  return mount(definePlugin({ ...named, phases }), {})
}

test('walks the phases in order, log last and once', async () => {
  const seen: string[] = []
  const plugin = await trial({
    log: () => void seen.push('log'),
    proxy: () => void seen.push('proxy'),
    balance: () => void seen.push('balance'),
    tls: () => void seen.push('tls'),
    preread: () => void seen.push('preread'),
    accept: () => void seen.push('accept'),
  })
  expect(await plugin.connect({ sni: 'a.example' })).toMatchObject({
    outcome: 'proxied',
    ending: 'client.closed',
  })
  expect(seen).toEqual(['accept', 'preread', 'tls', 'balance', 'proxy', 'log'])
  seen.length = 0
  await plugin.connect()
  expect(seen).toEqual(['accept', 'preread', 'balance', 'proxy', 'log'])
})

test.each(['accept', 'preread', 'balance'] as const)(
  'a rejection in %s ends the walk',
  async (phase) => {
    const after: string[] = []
    const plugin = await trial({
      proxy: () => void after.push('proxy'),
      log: ({ ending, status }) => void after.push(`${ending} ${status}`),
      [phase]: () => reject('no', 'go away\n'),
    })
    const ended = await plugin.connect()
    expect(ended).toMatchObject({
      outcome: 'rejected',
      reason: 'no',
      farewell: 'go away\n',
      upload: '',
    })
    expect(ended.summary.bytes.client.sent).toBe(8)
    expect(after).toEqual(['plugin.trial.rejected 403'])
  },
)

test('null is no answer', async () => {
  const none = (): undefined => JSON.parse('null') as undefined
  const plugin = await trial({ accept: none, preread: none, tls: none, balance: none })
  expect(await plugin.connect({ sni: 'a.example' })).toMatchObject({ outcome: 'proxied' })
})

test.each(['accept', 'preread', 'tls', 'balance', 'proxy'] as const)(
  'a throw in %s fails the connection',
  async (phase) => {
    const plugin = await trial({
      [phase]: () => {
        throw new Error('broken')
      },
    })
    const ended = await plugin.connect({ sni: 'a.example' })
    expect(ended).toMatchObject({
      outcome: 'failed',
      reason: 'broken',
      ending: 'plugin.trial.failed',
    })
    expect(ended.error).toMatchObject({
      plugin: 'trial',
      phase,
      message: `plugin trial, ${phase}: broken`,
    })
  },
)

test('a throw in log changes no outcome and is reported', async () => {
  const plugin = await trial({ log: () => Promise.reject(new Error('disk full')) })
  const ended = await plugin.connect()
  expect(ended).toMatchObject({ outcome: 'proxied', error: { phase: 'log' } })
  expect(plugin.lines).toMatchObject([{ level: 'error', message: 'plugin trial, log: disk full' }])
})

test.each([
  ['accept', true],
  ['preread', 'no'],
  ['tls', { host: 'a', port: 1 }],
  ['balance', 'a:1'],
  ['balance', { host: 'a' }],
  ['balance', { host: '', port: 1 }],
  ['balance', { host: 'a', port: 70_000 }],
])('in %s %j is no answer but a fault', async (phase, answer) => {
  const plugin = await trial({ [phase]: () => answer })
  expect(await plugin.connect({ sni: 'a.example' })).toMatchObject({
    outcome: 'failed',
    error: { phase },
  })
})

test('configuration is checked and completed as in the gateway', async () => {
  const schema = { type: 'object', properties: { limit: { type: 'integer', default: 5 } } } as const
  const plugin = definePlugin({ ...named, schema, phases: {} })
  expect((await mount(plugin, {})).config).toEqual({ limit: 5 })
  await expect(mount(plugin, { limit: 'x' } as never)).rejects.toThrow(
    'plugin trial: limit: expected an integer',
  )
})

test('setup once, teardown once, and the signal tells', async () => {
  const calls: string[] = []
  const mounted = await mount(
    definePlugin({
      ...named,
      setup: ({ signal }) => {
        calls.push('setup')
        return signal
      },
      phases: {},
      teardown: (signal) => void calls.push(`teardown ${signal.aborted}`),
    }),
    {},
  )
  await Promise.all([mounted.unmount(), mounted.unmount()])
  await mounted.unmount()
  expect(calls).toEqual(['setup', 'teardown true'])
  await expect(mounted.connect()).rejects.toThrow('unmounted')
})

test('a throw in setup says whose', async () => {
  const setup = (): never => {
    throw new Error('no such file')
  }
  await expect(mount(definePlugin({ ...named, setup, phases: {} }), {})).rejects.toMatchObject({
    plugin: 'trial',
    phase: 'setup',
    message: 'plugin trial, setup: no such file',
  })
})

test('slots carry values between phases and plugins', async () => {
  const left = slot<string>('left-by-another')
  const mine = slot<number>('mine')
  const found: unknown[] = []
  const plugin = await trial({
    preread: (conn) => conn.set(mine, 7),
    log: (summary) =>
      void found.push(summary.get(slot<string>('left-by-another')), summary.get(mine)),
  })
  await plugin.connect({ slots: [[left, 'hello']] })
  expect(found).toEqual(['hello', 7])
})

test('the clock stands until it is moved', async () => {
  const plugin = await trial({
    log: (summary, { clock }) => expect(clock.now()).toBe(summary.startedAt),
  })
  const before = plugin.clock.now()
  plugin.clock.advance(1500)
  const ended = await plugin.connect()
  expect(ended.error).toBeUndefined()
  expect(ended.summary.startedAt).toBe(before + 1500)
})
