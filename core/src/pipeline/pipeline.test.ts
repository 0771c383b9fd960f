import { passthrough, reject, terminate, type Phases as Taps, type Summary } from '@kong-ts/pdk'
import { expect, test } from 'vitest'
import { instanceOf, lines, nobodyWalks } from './instances.fixture.ts'
import { compilePhases, nobody, type Phases } from './pipeline.ts'
import type { Walk } from './walk.ts'

const walk = <S>(seen: object = {}): Walk<S> => ({
  seen: seen as S,
  consulted: undefined,
  instance: undefined,
  isShadow: false,
  walker: nobodyWalks,
})

async function compiled(...plugins: readonly (readonly [string, Taps])[]): Promise<Phases> {
  const instances = await Promise.all(plugins.map(([name, phases]) => instanceOf(name, phases)))
  return compilePhases(instances, 50)
}

test('a phase in which nobody takes part is shared and answers at once', async () => {
  const phases = await compiled(['quiet', {}])
  expect(Object.values(phases)).toEqual([nobody, nobody, nobody, nobody, nobody, nobody])
  expect(phases.accept(walk())).toBeUndefined()
})

test('taps run in the order of the list, and the first verdict ends the phase', async () => {
  const order: string[] = []
  const say = (name: string): Taps => ({ preread: () => void order.push(name) })
  const phases = await compiled(
    ['first', say('first')],
    ['second', { preread: async () => void order.push('second') }],
    ['third', { preread: () => (order.push('third'), reject('enough')) }],
    ['fourth', say('fourth')],
  )
  expect(await phases.preread(walk())).toEqual({ plugin: 'third', value: reject('enough') })
  expect(order).toEqual(['first', 'second', 'third'])
})

test('without promises a phase answers, or throws, synchronously', async () => {
  const phases = await compiled([
    'quick',
    {
      tls: () => passthrough,
      balance: () => ({ host: 'a', port: 1 }),
      accept: () => {
        throw new Error('boom')
      },
    },
  ])
  expect(phases.tls(walk())).toEqual({ plugin: 'quick', value: passthrough })
  expect(phases.balance(walk())).toEqual({ plugin: 'quick', value: { host: 'a', port: 1 } })
  expect(() => phases.accept(walk())).toThrow('plugin quick, accept: boom')
})

test('a failure after a pause rejects, with the plugin that failed', async () => {
  const phases = await compiled(
    ['slow', { proxy: async () => undefined }],
    [
      'bad',
      {
        proxy: () => {
          throw new Error('boom')
        },
      },
    ],
  )
  await expect(phases.proxy(walk())).rejects.toMatchObject({ plugin: 'bad', phase: 'proxy' })
})

test('a proxy phase is awaited whatever kind of promise it answers with', async () => {
  let ready = false
  const thenable = {
    // oxlint-disable-next-line unicorn/no-thenable -- a promise of another library
    then: (done: () => void) =>
      setImmediate(() => {
        ready = true
        done()
      }),
  }
  const phases = await compiled(['foreign', { proxy: () => thenable as never }])
  await phases.proxy(walk())
  expect(ready).toBe(true)
})

test.each([
  ['tls', reject('no'), 'neither undefined, terminate(…) nor passthrough'],
  ['balance', { host: '' }, 'the target has no host'],
  ['balance', { host: 'a', port: 70_000 }, 'the target has no port'],
  ['balance', 'a:1', 'the answer is no target'],
  ['accept', terminate(), 'neither undefined nor reject(…)'],
] as const)('in %s %j is no answer', async (phase, answer, message) => {
  const phases = await compiled(['odd', { [phase]: () => answer }])
  expect(() => phases[phase](walk() as never)).toThrow(message)
})

test('every log plugin hears of the ending, though others fail or never settle; each failure is reported once', async () => {
  const heard: string[] = []
  lines.length = 0
  const phases = await compiled(
    [
      'throws',
      {
        log: () => {
          throw new Error('disk full')
        },
      },
    ],
    [
      'rejects',
      {
        log: async () => {
          throw new Error('no route to host')
        },
      },
    ],
    ['hangs', { log: () => new Promise(() => undefined) }],
    ['works', { log: ({ ending }) => void heard.push(ending) }],
  )
  await phases.log(walk<Summary>({ id: '1', ending: 'client.closed' }))
  expect(heard).toEqual(['client.closed'])
  expect(lines.toSorted()).toEqual([
    'error plugin hangs, log: did not settle within 50 ms',
    'error plugin rejects, log: no route to host',
    'error plugin throws, log: disk full',
  ])
})
