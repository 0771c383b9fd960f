import { expect, test } from 'vitest'
import type { FromQueue } from './messages.ts'
import { Queues } from './queues.ts'

function queuesOf() {
  const told: string[] = []
  const queues = new Queues((message: FromQueue) => {
    const ticket = 'ticket' in message ? ` ${message.ticket}` : ''
    told.push(`${message.type.slice('queue.'.length)}${ticket}`)
  })
  const waiting = (is: boolean) =>
    queues.receive({ type: 'queue.waiting', upstream: 'u', waiting: is })
  return { queues, told, waiting }
}

const turn = (ticket: number) => ({ type: 'queue.turn', upstream: 'u', ticket }) as const

test('a turn is kept until the place asks for it, and several are one', async () => {
  const { queues } = queuesOf()
  const place = queues.join('u', 1)
  queues.receive(turn(1))
  queues.receive(turn(1))
  expect(await place.next()).toBe('turn')
  const next = place.next()
  queues.receive({ type: 'queue.full', upstream: 'u', ticket: 1 })
  queues.receive(turn(1))
  expect(await next).toBe('full')
})

test('a turn does not undo that there is no place', async () => {
  const { queues } = queuesOf()
  const place = queues.join('u', 1)
  queues.receive({ type: 'queue.full', upstream: 'u', ticket: 1 })
  queues.receive(turn(1))
  expect(await place.next()).toBe('full')
})

test('a place is left once, and hears nothing afterwards', () => {
  const { queues, told } = queuesOf()
  const place = queues.join('u', 1)
  place.yield()
  place.leave()
  place.leave()
  queues.receive(turn(1))
  expect(told).toEqual(['join 1', 'yield 1', 'leave 1'])
})

test('what is freed is told while somebody waits, and once when that becomes known', () => {
  const { queues, told, waiting } = queuesOf()
  queues.freed('u')
  expect(queues.isWaitedFor('u')).toBe(false)
  waiting(true)
  expect(queues.isWaitedFor('u')).toBe(true)
  expect(told).toEqual(['freed'])
  queues.freed('u')
  queues.freed('other')
  expect(told).toEqual(['freed', 'freed'])
  waiting(false)
  queues.freed('u')
  expect(told).toHaveLength(2)
  expect(queues.isWaitedFor('u')).toBe(false)
})

test('who joins has others of the same worker wait behind it at once', () => {
  const { queues } = queuesOf()
  queues.join('u', 1)
  expect(queues.isWaitedFor('u')).toBe(true)
})
