import { expect, test } from 'vitest'
import { AddressMap } from './address-map.ts'
import { addressPattern } from './address-pattern.ts'
import { Place } from './query.ts'
import { entry } from './route.fixture.ts'

test('visits what matches, best first, until there is an answer', () => {
  const map = new AddressMap<string>()
  for (const text of ['10.0.0.0/8', ':80', '10.0.0.1:80', '[fd00::]/8', '10.0.0.0/9', '10.0.0.2']) {
    map.set(addressPattern(entry(text))!, text)
  }
  const visited = (address: string, port: number): string[] => {
    const seen: string[] = []
    map.first(new Place({ address, port }), seen, (value, list) => void list.push(value))
    return seen
  }
  expect(visited('10.0.0.1', 80)).toEqual(['10.0.0.1:80', ':80', '10.0.0.0/9', '10.0.0.0/8'])
  expect(visited('fd00::1', 80)).toEqual([':80', '[fd00::]/8'])
  expect(visited('unix:/run/a', 0)).toEqual([])
  const place = new Place({ address: '10.0.0.2', port: 80 })
  expect(map.first(place, undefined, (value) => value)).toBe('10.0.0.2')
})
