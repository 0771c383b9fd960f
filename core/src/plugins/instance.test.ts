import { definePlugin, type Plugin } from '@kong-ts/pdk'
import { MetricBook } from '@kong-ts/pdk/host'
import { expect, test } from 'vitest'
import { kitless } from './kitless.fixture.ts'
import { PluginInstance, type InstanceHost } from './instance.ts'

const logged: string[] = []
const taken: string[] = []
const silent = () => undefined
const declared: string[] = []
const book = new MetricBook({
  declared: ({ name }) => void declared.push(name),
  retired: (name) => void declared.push(`-${name}`),
  shown: () => undefined,
})
const host: InstanceHost = {
  metrics: (life) => book.open(life),
  behaved: () => undefined,
  setupTimeout: 20,
  log: () => ({
    debug: silent,
    info: silent,
    warn: silent,
    error: (fields, message) => void logged.push(`${message}: ${JSON.stringify(fields)}`),
  }),
  ...kitless,
  counters: {
    take: (key) => taken.push(key) > 0,
    release: (key) => void taken.push(`-${key}`),
    learn: (key) => void taken.push(`?${key}`),
  },
  buckets: {
    rate: (key) => {
      taken.push(key)
      return { left: 0 }
    },
    allowance: (_low, ask) => ({
      left: 0,
      grant: () => ask(),
      end: silent,
      close: silent,
    }),
  },
}

const base = {
  name: 'mine',
  version: '1.0.0',
  priority: 1,
  schema: { type: 'object', properties: {} },
  phases: {},
} as const
const create = (plugin: Plugin) => PluginInstance.create('id', plugin, { a: 1 }, host)

test('setup sees the kit; teardown gets what setup returned, once, after the last user', async () => {
  const ended: unknown[] = []
  const instance = await create(
    definePlugin({
      ...base,
      setup: ({ id, config, counters }) => {
        expect(counters.take('k', 1)).toBe(true)
        counters.release('k')
        return { id, config }
      },
      teardown: (state) => void ended.push(state),
    }),
  )
  expect(taken).toEqual(['id:k', '-id:k'])
  expect(instance.self.state).toEqual({ id: 'id', config: { a: 1 } })
  instance.retain()
  instance.release()
  expect(instance.self.signal.aborted).toBe(false)
  instance.release()
  await instance.ended
  expect(instance.self.signal.aborted).toBe(true)
  expect(ended).toEqual([{ id: 'id', config: { a: 1 } }])
})

test('a setup that throws is blamed, and its signal is aborted', async () => {
  let signal: AbortSignal | undefined
  const failing = definePlugin({
    ...base,
    setup: (kit) => {
      signal = kit.signal
      throw new Error('no such file')
    },
  })
  await expect(create(failing)).rejects.toMatchObject({
    plugin: 'mine',
    phase: 'setup',
    message: 'plugin mine, setup: no such file',
  })
  expect(signal?.aborted).toBe(true)
})

test('a setup that is too late is refused, and what it has opened is torn down', async () => {
  const { promise, resolve } = Promise.withResolvers<string>()
  const closed = Promise.withResolvers<unknown>()
  const slow = definePlugin({
    ...base,
    setup: () => promise,
    teardown: (state) => closed.resolve(state),
  })
  await expect(create(slow)).rejects.toThrow('plugin mine, setup: did not settle within 20 ms')
  resolve('a handle')
  expect(await closed.promise).toBe('a handle')
})

test.each([
  [
    'throws',
    () => {
      throw new Error('stuck')
    },
    'stuck',
  ],
  ['never settles', () => new Promise<void>(() => undefined), 'did not settle within 20 ms'],
])('a teardown that %s is reported and does not hold up the end', async (_what, teardown, why) => {
  logged.length = 0
  const instance = await create(definePlugin({ ...base, teardown }))
  instance.release()
  await instance.ended
  expect(logged).toEqual([
    `the plugin failed to tear down: {"code":"plugin_teardown_failed","error":"${why}","phase":"teardown"}`,
  ])
})

test('what it declares is let go with it', async () => {
  const instance = await create(
    definePlugin({
      ...base,
      setup: ({ metrics }) => metrics.counter({ name: 'mine_total', help: 'h' }),
      phases: { log: (_summary, { state }) => state.inc() },
    }),
  )
  instance.release()
  await instance.ended
  const failing = definePlugin({
    ...base,
    setup: ({ metrics }) => {
      metrics.counter({ name: 'other_total', help: 'h' })
      metrics.gauge({ name: 'other_total', help: 'h' })
    },
  })
  await expect(create(failing)).rejects.toThrow("metric 'other_total': it is declared already as a")
  expect(declared).toEqual(['mine_total', '-mine_total', 'other_total', '-other_total'])
})

test('the host hears of how it behaves', async () => {
  const heard: unknown[] = []
  const hearing = { ...host, behaved: (each: PluginInstance) => void heard.push(each) }
  const instance = await PluginInstance.create('id', definePlugin(base), {}, hearing)
  instance.conduct.took('log', 1)
  instance.conduct.took('log', 1)
  expect(heard).toEqual([instance])
})
