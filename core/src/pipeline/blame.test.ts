import { reject, type Phases, type Routed } from '@kong-ts/pdk'
import { beforeEach, expect, test } from 'vitest'
import type { Terms } from '../plugins/conduct.ts'
import { instanceOf, lines, nobodyWalks } from './instances.fixture.ts'
import { compilePhases } from './pipeline.ts'

beforeEach(() => {
  lines.length = 0
})

const usual: Terms = { isShadow: false, onError: 'close', timeout: undefined }

async function preread(run: Phases['preread'], terms: Partial<Terms>) {
  const instance = await instanceOf('probe', run ? { preread: run } : {})
  instance.conduct.follow({ ...usual, ...terms })
  const phases = compilePhases([instance], 60_000)
  const told: string[] = []
  const walker = { wouldReject: (...said: string[]) => void told.push(said.join(': ')) }
  const ask = async () =>
    phases.preread({
      seen: {} as Routed,
      consulted: undefined,
      instance: undefined,
      isShadow: false,
      walker,
    })
  return { ask, told, conduct: instance.conduct }
}

test('a refusal of a shadow is counted and told, and has no effect', async () => {
  const { ask, told, conduct } = await preread(() => reject('no'), { isShadow: true })
  expect(await ask()).toBeUndefined()
  expect(told).toEqual(['probe: no'])
  expect(conduct.stats).toMatchObject({ rejected: 0, wouldReject: 1 })
  conduct.follow(usual)
  expect(await ask()).toMatchObject({ plugin: 'probe', value: { reason: 'no' } })
  expect(conduct.stats).toMatchObject({ rejected: 1, wouldReject: 1 })
})

const failures: readonly [string, NonNullable<Phases['preread']>, string][] = [
  [
    'throws',
    () => {
      throw new Error('oops')
    },
    'oops',
  ],
  ['rejects', async () => Promise.reject(new Error('oops')), 'oops'],
  ['never settles', () => new Promise(() => undefined), 'did not settle within 1 ms'],
  ['answers nonsense', () => 7 as never, 'probe, preread'],
]

test.each(failures)(
  'one that %s: closed, open, and taking no further part',
  async (_how, run, why) => {
    const closed = await preread(run, { timeout: 1 })
    await expect(closed.ask()).rejects.toThrow(why)
    expect(closed.conduct.failed).toBe(1)
    expect(lines).toEqual([])

    const open = await preread(run, { timeout: 1, onError: 'open' })
    expect(await open.ask()).toBeUndefined()
    expect(await open.ask()).toBeUndefined()
    expect(open.conduct.failed).toBe(2)
    expect(lines).toHaveLength(2)
    expect(lines[0]).toMatch(/^error .*; the connection goes on without it$/)
    expect(lines[0]).toContain(why)

    const disabled = await preread(run, { timeout: 1, onError: 'disable' })
    expect(await disabled.ask()).toBeUndefined()
    expect(await disabled.ask()).toBeUndefined()
    expect(disabled.conduct.failed).toBe(1)
    expect(lines[2]).toMatch(/it takes no further part until it is configured anew$/)
    disabled.conduct.follow({ ...usual, timeout: 1 })
    await expect(disabled.ask()).rejects.toThrow(why)
  },
)

test('a failure of a shadow has no effect either', async () => {
  const { ask } = await preread(
    () => {
      throw new Error('oops')
    },
    { isShadow: true },
  )
  expect(await ask()).toBeUndefined()
})

test('a client that leaves is no fault of the plugin that was looking at its bytes', async () => {
  const left = Object.assign(new Error('reset'), { name: 'TransportError' })
  const { ask, conduct } = await preread(() => Promise.reject(left), { onError: 'disable' })
  await expect(ask()).rejects.toThrow('reset')
  expect(conduct).toMatchObject({ failed: 0, isDisabled: false })
})

test('whoever holds up the event loop is named', async () => {
  const { ask, conduct } = await preread(() => {
    const end = performance.now() + 110
    while (performance.now() < end);
  }, {})
  expect(await ask()).toBeUndefined()
  expect(conduct.stats.stalls).toBe(1)
  expect(conduct.stats.longestStall).toBeGreaterThanOrEqual(100)
  expect(lines).toEqual([
    expect.stringMatching(/^warn held up every connection of the worker for \d+ ms$/),
  ])
})

test('who takes no further part hears how connections end, unless that is what fails', async () => {
  const ends: string[] = []
  const instance = await instanceOf('probe', {
    preread: () => {
      throw new Error('oops')
    },
    log: () => {
      ends.push('told')
      if (ends.length > 1) throw new Error('oops again')
    },
  })
  instance.conduct.follow({ ...usual, onError: 'disable' })
  const { preread: ask, log } = compilePhases([instance], 60_000)
  const walk = {
    seen: {} as never,
    consulted: undefined,
    instance: undefined,
    isShadow: false,
    walker: nobodyWalks,
  }
  await ask(walk)
  for (let count = 0; count < 4; count++) await log(walk)
  expect(ends).toEqual(['told', 'told'])
})
