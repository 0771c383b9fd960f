import { expect, test } from 'vitest'
import { addressPattern, keyOf } from './address-pattern.ts'
import { parseAddress } from './address.ts'
import { entry } from './route.fixture.ts'

test('host bits of a network do not count', () => {
  expect(addressPattern(entry('10.9.9.9/8'))).toEqual(addressPattern(entry('10.0.0.0/8')))
  expect(addressPattern(entry('[fd00::9]/64:1'))).toEqual(addressPattern(entry('[fd00::]/64:1')))
})

test('the orders of the shapes are their ranks, and stay below 4096', () => {
  const texts = ['10.0.0.1:80', '10.0.0.1', '10.0.0.0/31:80', '0.0.0.0/0:80', ':80']
  texts.push('10.0.0.0/31', '10.0.0.0/30', '0.0.0.0/0', '')
  const orders = texts.map((text) => addressPattern(entry(text))?.shape.order ?? -1)
  expect(orders).toEqual(orders.toSorted((a, b) => a - b))
  expect(new Set(orders).size).toBe(texts.length)
  expect(Math.max(...orders)).toBeLessThan(4096)
})

test('a key is made only where the entry could match', () => {
  const shape = addressPattern(entry('10.0.0.0/8:80'))!.shape
  expect(keyOf(shape, parseAddress('10.1.1.1'), 80)).toBe(0x0a000000 * 65_536 + 80)
  expect(keyOf(shape, parseAddress('10.1.1.1'), 0)).toBeUndefined()
  expect(keyOf(shape, parseAddress('fd00::1'), 80)).toBeUndefined()
  expect(keyOf(shape, undefined, 80)).toBeUndefined()
})

test('what cannot be read, or port 0, has no pattern', () => {
  expect(addressPattern({ ip: 'nonsense', port: 80 })).toBeUndefined()
  expect(addressPattern({ ip: null, port: 0 })).toBeUndefined()
})
