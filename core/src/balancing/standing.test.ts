import { expect, test } from 'vitest'
import type { ToWorker } from './messages.ts'
import { Standing } from './standing.ts'

test('what is told of peers is kept until it is told otherwise', () => {
  const standing = new Standing()
  const a = { peer: 'a:1', available: false }
  const b = { peer: 'b:1', available: true, recovered: 5 }
  standing.receive({ type: 'health', upstream: 'u', peers: [a, b] })
  standing.receive({ type: 'loads', upstream: 'u', counts: [['a:1', 3]] })
  expect(standing.healthOf('u', 'a:1')).toEqual(a)
  expect(standing.healthOf('u', 'b:1')).toEqual(b)
  expect(standing.healthOf('u', 'c:1')).toBeUndefined()
  expect([standing.loadOf('u', 'a:1'), standing.loadOf('v', 'a:1')]).toEqual([3, 0])

  standing.receive({ type: 'health', upstream: 'u', peers: [{ peer: 'a:1', available: true }] })
  standing.receive({ type: 'loads', upstream: 'u', counts: [['a:1', 0]] })
  expect(standing.healthOf('u', 'a:1')).toBeUndefined()
  expect(standing.loadOf('u', 'a:1')).toBe(0)
})

test('who follows an upstream hears of it alone, until it is forgotten', () => {
  const standing = new Standing()
  const heard: ToWorker[] = []
  standing.follow('u', (message) => void heard.push(message))
  const close: ToWorker = { type: 'close', upstream: 'u', peer: 'a:1', window: 1 }
  standing.receive(close)
  standing.receive({ ...close, upstream: 'v' })
  standing.receive({ type: 'loads', upstream: 'u', counts: [['a:1', 1]] })
  standing.forget('u')
  standing.receive(close)
  expect(heard.map(({ type }) => type)).toEqual(['close', 'loads'])
  expect(standing.loadOf('u', 'a:1')).toBe(0)
})
