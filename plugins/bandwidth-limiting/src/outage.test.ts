import { ManualClock } from '@kong-ts/pdk/testing'
import { expect, test } from 'vitest'
import { Outage } from './outage.ts'

test('a store that has failed is left alone for a second; both changes are told once', () => {
  const lines: string[] = []
  const clock = new ManualClock(0)
  const say = (_fields: object, message: string) => void lines.push(message)
  const outage = new Outage(clock, { debug: say, info: say, warn: say, error: say })
  outage.end()
  outage.begin(new Error('away'))
  expect(outage.isOn).toBe(true)
  clock.advance(1000)
  expect(outage.isOn).toBe(false)
  outage.begin('still away')
  clock.advance(1000)
  outage.end()
  outage.end()
  expect(lines).toEqual(['the store of the quotas is away', 'the store of the quotas is back'])
})
