import { expect, test } from 'vitest'
import { fakeClock } from './dns/clock.fixture.ts'
import { namesOfResolver } from './names-of-resolver.ts'
import type { Answer } from './names.ts'

test('a name that is watched is asked for again and again, and told when it is another one', async () => {
  const clock = fakeClock()
  let addresses = ['10.0.0.1', '10.0.0.2']
  let asked = 0
  const names = namesOfResolver(async () => {
    asked += 1
    return addresses
  }, clock)
  const told: Answer[] = []
  const watch = names.watch('a.test', (answer) => void told.push(answer))
  const turn = () => new Promise((resolve) => setImmediate(resolve))
  await turn()
  expect(told).toEqual([{ type: 'A', addresses: [{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }] }])
  addresses = ['10.0.0.2', '10.0.0.1']
  clock.pass(5_000)
  await turn()
  expect([asked, told.length]).toEqual([2, 1])
  addresses = []
  clock.pass(5_000)
  await turn()
  expect(told[1]).toMatchObject({ addresses: [], error: 'the name was not resolved' })
  watch.close()
  expect(clock.waiting()).toBe(0)
})

test('what is known is told at once', () => {
  const names = namesOfResolver(() => ['::1'])
  const told: Answer[] = []
  names.watch('::1', (answer) => void told.push(answer)).close()
  expect(told).toEqual([{ type: 'AAAA', addresses: [{ ip: '::1' }] }])
  expect(names.resolve('::1')).toEqual(told[0])
})
