import { reject, type Routed } from '@kong-ts/pdk'
import { expect, test, vi } from 'vitest'
import type { PluginFailure } from '../errors/plugin-failure.ts'
import { instanceOf, nobodyWalks } from './instances.fixture.ts'
import { tapPhase, type Phase } from './tap.ts'
import type { Answer, Walk } from './walk.ts'

type Outcome = readonly [error: Error | null, answer?: Answer<unknown> | undefined]

const walk = (consulted?: Walk<Routed>['consulted']): Walk<Routed> => ({
  seen: {} as Routed,
  consulted,
  instance: undefined,
  isShadow: false,
  walker: nobodyWalks,
})

async function tapped(run: Phase<Routed, unknown>, timeout = 60_000) {
  const instance = await instanceOf('probe')
  return { instance, tap: tapPhase(instance, 'preread', run, timeout) }
}

/** Everything that the tap calls back with, from the first time until a while after. */
async function outcomes(run: unknown, timeout?: number): Promise<Outcome[]> {
  const { tap } = await tapped(run as Phase<Routed, unknown>, timeout)
  const calls: Outcome[] = []
  await new Promise<void>((resolve) => {
    tap(walk(), (...outcome) => {
      calls.push(outcome)
      resolve()
    })
  })
  await new Promise((resolve) => setImmediate(resolve))
  return calls
}

const failure = (kind: string, message: string) => [
  [
    expect.objectContaining({
      plugin: 'probe',
      phase: 'preread',
      kind,
      message: `plugin probe, preread: ${message}`,
    }),
  ],
]

test.each([
  ['undefined', () => undefined],
  ['null', () => null],
  ['a promise of undefined', async () => undefined],
  ['a promise of null', async () => null],
])('%s means: go on', async (_what, run) => {
  expect(await outcomes(run)).toEqual([[null]])
})

test.each([
  ['at once', () => reject('no')],
  ['later', async () => reject('no')],
  // oxlint-disable-next-line unicorn/no-thenable -- a promise of another library
  ['by a thenable', () => ({ then: (resolve: (value: unknown) => void) => resolve(reject('no')) })],
  [
    'twice',
    () => ({
      // oxlint-disable-next-line unicorn/no-thenable -- a promise of another library
      then: (resolve: (value: unknown) => void) => (
        resolve(reject('no')),
        resolve(reject('again'))
      ),
    }),
  ],
])('a verdict %s is handed on once, with its plugin', async (_when, run) => {
  expect(await outcomes(run)).toEqual([[null, { plugin: 'probe', value: reject('no') }]])
})

test.each([
  [
    'throws',
    () => {
      throw new Error('boom')
    },
    'boom',
  ],
  [
    'throws a text',
    () => {
      throw 'boom'
    },
    'boom',
  ],
  [
    'throws what has no text',
    () => {
      throw Object.create(null)
    },
    'it threw something that cannot be printed',
  ],
  [
    'rejects',
    async () => {
      throw new Error('late boom')
    },
    'late boom',
  ],
  ['rejects without a reason', () => Promise.reject(), 'undefined'],
  ['answers nonsense', () => 42, 'the answer is neither undefined nor reject(…)'],
  ['answers nonsense later', async () => ({}), 'the answer is neither undefined nor reject(…)'],
  [
    'answers with a trap',
    () =>
      new Proxy(
        {},
        {
          has: () => {
            throw new Error('trap')
          },
        },
      ),
    'trap',
  ],
  [
    'answers with a trap later',
    async () =>
      Object.defineProperty({}, Symbol.for('kong-ts.verdict'), {
        get: () => {
          throw new Error('trap')
        },
      }),
    'trap',
  ],
])('a plugin that %s is named', async (_what, run, message) => {
  expect(await outcomes(run)).toEqual(failure('failed', message))
})

test('an error keeps its cause', async () => {
  const cause = new Error('boom')
  const [[error]] = (await outcomes(() => {
    throw cause
  })) as [[PluginFailure]]
  expect(error.cause).toBe(cause)
})

test('who never settles is given up, and what comes afterwards is ignored', async () => {
  const { promise, reject: fail } = Promise.withResolvers<undefined>()
  const calls = await outcomes(() => promise, 5)
  expect(calls).toEqual(failure('timeout', 'did not settle within 5 ms'))
  fail(new Error('too late'))
  await new Promise((resolve) => setImmediate(resolve))
  expect(calls).toHaveLength(1)
})

test('without a promise the tap calls back before it returns', async () => {
  const { tap } = await tapped(() => undefined)
  const done = vi.fn()
  tap(walk(), done)
  expect(done).toHaveBeenCalledOnce()
})

test('the walk says who runs; who was consulted before is passed over', async () => {
  const run = vi.fn()
  const { instance, tap } = await tapped(run)
  const first = walk()
  tap(first, () => undefined)
  expect(first.instance).toBe(instance)
  const done = vi.fn()
  const second = walk(new Set([instance]))
  tap(second, done)
  expect(done).toHaveBeenCalledExactlyOnceWith(null)
  expect(run).toHaveBeenCalledExactlyOnceWith(first.seen, instance.self)
  expect(second.instance).toBeUndefined()
})

test('a call that throws is a call, too', async () => {
  const { tap, instance } = await tapped(() => {
    throw new Error('no')
  })
  tap(walk(), () => undefined)
  expect(instance.conduct.stats).toMatchObject({ failed: 1, phases: { preread: { calls: 1 } } })
})
