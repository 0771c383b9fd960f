import { expect, test } from 'vitest'
import { UpstreamsEnd } from './upstreams-end.ts'

test('a target that recovers is told of as room; the rest is for those who follow the health', () => {
  const told: string[] = []
  const end = new UpstreamsEnd(({ type }) => void told.push(type))
  end.receive({ type: 'queue.waiting', upstream: 'u', waiting: true })
  const peers = [{ peer: '10.0.0.1:1', available: false }]
  end.receive({ type: 'health', upstream: 'u', peers })
  expect(told).toEqual(['queue.freed', 'queue.freed'])
  expect(end.standing.healthOf('u', '10.0.0.1:1')).toEqual(peers[0])
})
