import { expect, test } from 'vitest'
import type { FromQueue, ToWorker } from '../../balancing/messages.ts'
import type { Delta } from '../../entities/rows.ts'
import { QueueLedger } from './queue-ledger.ts'

/** A node of workers, each with what it was told, in short words. */
function nodeOf(count: number) {
  const ledger = new QueueLedger()
  const workers = Array.from({ length: count }, () => workerOf())
  for (const worker of workers) ledger.join(worker)
  const say = (from: number, type: FromQueue['type'], ticket = 0, size = 9): void => {
    const worker = workers[from]
    if (!worker) throw new Error(`there is no worker ${from}`)
    const message = { type, upstream: 'u', ticket, size } as FromQueue
    ledger.receive(worker, message)
  }
  const heard = () => workers.map(({ told }) => told.splice(0))
  return { ledger, workers, say, heard }
}

function workerOf() {
  const told: string[] = []
  return { told, tell: (message: ToWorker) => void told.push(wordOf(message)) }
}

function wordOf(message: ToWorker): string {
  if (message.type === 'queue.waiting') return message.waiting ? 'waiting' : 'nobody waits'
  if (message.type === 'queue.turn' || message.type === 'queue.full') {
    return `${message.type.slice('queue.'.length)} ${message.ticket}`
  }
  throw new Error(`${message.type} was not expected`)
}

test('the first tries at once, for room may have come while it was on its way; all workers hear of the queue', () => {
  const { say, heard } = nodeOf(2)
  say(0, 'queue.join', 1)
  expect(heard()).toEqual([['turn 1', 'waiting'], ['waiting']])
  say(1, 'queue.join', 1)
  expect(heard()).toEqual([[], []])
})

test('what is freed on any worker is for the first, and who leaves makes another one the first', () => {
  const { say, heard } = nodeOf(2)
  say(0, 'queue.join', 1)
  say(1, 'queue.join', 7)
  say(0, 'queue.join', 2)
  heard()
  say(1, 'queue.freed')
  expect(heard()).toEqual([['turn 1'], []])
  say(0, 'queue.leave', 2)
  expect(heard()).toEqual([[], []])
  say(0, 'queue.leave', 1)
  expect(heard()).toEqual([[], ['turn 7']])
  say(1, 'queue.leave', 7)
  expect(heard()).toEqual([['nobody waits'], ['nobody waits']])
  say(1, 'queue.freed')
  expect(heard()).toEqual([[], []])
})

test('the bound holds over all workers; a place that somebody left is free', () => {
  const { say, heard } = nodeOf(2)
  say(0, 'queue.join', 1, 2)
  say(1, 'queue.join', 1, 2)
  heard()
  say(1, 'queue.join', 2, 2)
  expect(heard()).toEqual([[], ['full 2']])
  say(1, 'queue.leave', 1)
  say(1, 'queue.join', 3, 2)
  say(0, 'queue.join', 2, 2)
  expect(heard()).toEqual([['full 2'], []])
  const none = nodeOf(1)
  none.say(0, 'queue.join', 1, 0)
  expect(none.heard()).toEqual([['full 1']])
})

test('who yields waits while there is room, and goes when there is none', () => {
  const { say, heard } = nodeOf(2)
  say(0, 'queue.join', 1, 2)
  say(1, 'queue.join', 1, 2)
  say(0, 'queue.yield', 1)
  say(0, 'queue.yield', 99)
  heard()
  say(1, 'queue.join', 2, 2)
  expect(heard()).toEqual([['full 1'], ['turn 1']])
  say(1, 'queue.join', 3, 2)
  expect(heard()).toEqual([[], ['full 3']])
})

test('a worker that is gone leaves its places and what its connections held', () => {
  const { ledger, workers, say, heard } = nodeOf(3)
  say(0, 'queue.join', 1)
  say(1, 'queue.join', 1)
  say(0, 'queue.join', 2)
  say(2, 'queue.join', 1)
  heard()
  const [first, second] = workers
  if (!first || !second) throw new Error('there are three workers')
  ledger.leave(first)
  expect(heard()).toEqual([[], ['turn 1', 'turn 1'], []])
  say(0, 'queue.join', 3)
  ledger.leave(second)
  expect(heard()).toEqual([[], [], ['turn 1', 'turn 1']])
})

test('a worker that starts hears of the queues; a change of targets has the first try again', () => {
  const { ledger, say, heard } = nodeOf(1)
  say(0, 'queue.join', 1)
  const late = workerOf()
  ledger.join(late)
  expect(late.told).toEqual(['waiting'])
  heard()
  const deltaOf = (entity: string) =>
    ({ base: 1, revision: 2, changes: [{ op: 'delete', entity, id: 'x' }] }) as Delta
  ledger.follow(deltaOf('routes'))
  expect(heard()).toEqual([[]])
  ledger.follow(deltaOf('targets'))
  expect(heard()).toEqual([['turn 1']])
})
