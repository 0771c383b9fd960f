import { expect, test } from 'vitest'
import type { Answer } from './names.ts'
import { answerOf, fixedNames } from './names.fixture.ts'
import { resolveAll, unresolved } from './resolve-all.ts'

const patient = { together: 2, each: 60_000, total: 60_000 }

const ipsOf = (found: ReadonlyMap<string, Answer>) =>
  Object.fromEntries(
    [...found].map(([host, { addresses }]) => [host, addresses.map(({ ip }) => ip)]),
  )

function never<T>(): Promise<T> {
  return new Promise(() => undefined)
}

test('every host is asked for once, and no more than so many together', async () => {
  const asked: string[] = []
  let open = 0
  let most = 0
  const names = fixedNames(async (host) => {
    asked.push(host)
    most = Math.max(most, ++open)
    await new Promise((done) => setImmediate(done))
    open--
    return [`10.0.0.${host.length}`]
  })
  const found = await resolveAll(names, ['a', 'bb', 'ccc', 'a', '127.0.0.1', '::1'], patient)
  expect(ipsOf(found)).toEqual({
    a: ['10.0.0.1'],
    bb: ['10.0.0.2'],
    ccc: ['10.0.0.3'],
    '127.0.0.1': ['127.0.0.1'],
    '::1': ['::1'],
  })
  expect(asked.toSorted()).toEqual(['a', 'bb', 'ccc'])
  expect(most).toBe(2)
})

test('a silent name server holds up nothing but its name', async () => {
  const names = fixedNames((host) => (host === 'silent' ? never() : Promise.resolve(['::2'])))
  const limits = { together: 1, each: 1, total: 60_000 }
  const found = await resolveAll(names, ['silent', 'a', '::1'], limits)
  expect(Object.fromEntries(found)).toEqual({
    silent: unresolved,
    a: answerOf(['::2']),
    '::1': answerOf(['::1']),
  })
})

test('when the time is over, nobody is asked any more', async () => {
  const asked: string[] = []
  let now = 0
  const names = fixedNames(async (host) => {
    asked.push(host)
    now = 20
    return ['10.0.0.1']
  })
  const limits = { together: 1, each: 60_000, total: 20, now: () => now }
  const found = await resolveAll(names, ['a', 'b', 'c', '127.0.0.1'], limits)
  expect(asked).toEqual(['a'])
  expect(ipsOf(found)).toEqual({ a: ['10.0.0.1'], '127.0.0.1': ['127.0.0.1'] })
})
