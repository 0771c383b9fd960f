import { expect, onTestFinished, test, vi } from 'vitest'
import type { Answer } from './names.ts'
import { systemNames } from './system-names.ts'

test('addresses stand in one order, IPv4 first, whoever’s turn it is', async () => {
  const names = systemNames(async () => ['::1', '10.0.0.2', '10.0.0.1'])
  expect(await names.resolve('a')).toEqual({
    type: 'A',
    addresses: [{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }, { ip: '::1' }],
  })
  expect(systemNames(() => ['::1']).resolve('b')).toMatchObject({ type: 'AAAA' })
  expect(systemNames(() => []).resolve('c')).toMatchObject({ addresses: [], error: 'no address' })
})

test('who watches hears what is known at once, and what changes', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  let addresses = ['10.0.0.1']
  const heard: Answer[] = []
  const names = systemNames(async () => addresses)
  const watch = names.watch('a', (answer) => void heard.push(answer))
  await vi.advanceTimersByTimeAsync(11_000)
  expect(heard).toHaveLength(1)
  addresses = ['10.0.0.2']
  await vi.advanceTimersByTimeAsync(5_000)
  expect(heard.at(-1)?.addresses).toEqual([{ ip: '10.0.0.2' }])
  watch.close()
  addresses = ['10.0.0.3']
  await vi.advanceTimersByTimeAsync(10_000)
  expect(heard).toHaveLength(2)

  const literal = systemNames(() => ['10.0.0.9'])
  literal.watch('10.0.0.9', (answer) => void heard.push(answer))
  expect(heard).toHaveLength(3)
  expect(vi.getTimerCount()).toBe(0)
})
