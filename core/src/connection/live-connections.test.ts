import { expect, test } from 'vitest'
import { LiveConnections, type Placed } from './live-connections.ts'

test('who leaves makes room, in whatever order; who has left already leaves nobody else out', () => {
  const live = new LiveConnections<Placed>()
  const all = Array.from({ length: 4 }, (): Placed => ({ place: -1 }))
  for (const each of all) live.add(each)
  const [first, second, third, fourth] = all
  for (const gone of [first, fourth, first]) live.delete(gone!)
  expect(live.size).toBe(2)
  expect(new Set(live)).toEqual(new Set([second, third]))
  live.delete({ place: 0 })
  live.delete({ place: -1 })
  expect(live.size).toBe(2)
})

test('those that are looked at may leave meanwhile', () => {
  const live = new LiveConnections<Placed>()
  for (let count = 0; count < 5; count++) live.add({ place: -1 })
  let seen = 0
  for (const each of live) {
    seen += 1
    live.delete(each)
  }
  expect([seen, live.size]).toEqual([5, 0])
})
