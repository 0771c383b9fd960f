import { expect, test } from 'vitest'
import type { Answer } from './names.ts'
import { createTurns } from './turns.ts'

const answer = (...addresses: Answer['addresses'][number][]): Answer => ({ addresses, type: 'A' })

test('the addresses of the first family take turns; the others stay at the end', () => {
  const take = createTurns(() => 0)
  const three = answer({ ip: '10.0.0.1' }, { ip: '10.0.0.2' }, { ip: '::1' })
  const ips = () => take(three).map(({ ip }) => ip)
  expect(ips()).toEqual(['10.0.0.1', '10.0.0.2', '::1'])
  expect(ips()).toEqual(['10.0.0.2', '10.0.0.1', '::1'])
  expect(ips()).toEqual(['10.0.0.1', '10.0.0.2', '::1'])
})

test('where the turns begin is left to chance', () => {
  const three = answer({ ip: '::1' }, { ip: '::2' }, { ip: '::3' })
  expect(createTurns(() => 0.99)(three)[0]).toEqual({ ip: '::3' })
})

test('weights are kept exactly, and nobody comes up in a block', () => {
  const take = createTurns(() => 0)
  const weighted = answer({ ip: '10.0.0.1', weight: 3 }, { ip: '10.0.0.2', weight: 1 })
  const chosen = Array.from({ length: 8 }, () => take(weighted)[0]?.ip.at(-1)).join('')
  expect(chosen).toBe('11211121')
})

test('one address or none needs no turn', () => {
  const take = createTurns(() => 0)
  const one = answer({ ip: '10.0.0.1', port: 7 })
  expect(take(one)).toBe(one.addresses)
  expect(take(answer())).toEqual([])
})
