import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { CountedNode } from './counted-node.ts'
import { Ledger } from './ledger.ts'
import type { ToSupervisor } from './messages.ts'

test('answers at once while it holds a lease', async () => {
  const node = new CountedNode(1)
  const first = node.counters(1).take('k', 20)
  expect(first).toBeInstanceOf(Promise)
  await node.drain()
  expect(await first).toBe(true)
  for (let i = 0; i < 9; i++) expect(node.counters(1).take('k', 20)).toBe(true)
  expect(node.worker(1).outbox).toEqual([])
  expect(node.counters(1).take('k', 20)).toBeInstanceOf(Promise)
})

test('takes at the same time share one outstanding request', async () => {
  const node = new CountedNode(1)
  const takes = Array.from({ length: 50 }, () => node.counters(1).take('k', 30))
  expect(node.worker(1).outbox).toHaveLength(1)
  await node.toLedger(1)
  await node.toWorker(1)
  expect(node.worker(1).outbox).toMatchObject([{ wanted: 50 - 15 }])
  await node.drain()
  expect(
    (await Promise.all(takes.map((take) => Promise.resolve(take)))).filter(Boolean),
  ).toHaveLength(30)
})

test('a flood on a refused window costs no message', async () => {
  const node = new CountedNode(1)
  expect(await node.take(1, 'k', 1, 1000)).toBe(true)
  expect(await node.take(1, 'k', 1, 1000)).toBe(false)
  for (let i = 0; i < 1000; i++) expect(node.counters(1).take('k', 1, 1000)).toBe(false)
  expect(node.worker(1).outbox).toEqual([])
  expect(node.counters(1).take('k', 1, 2000)).toBeInstanceOf(Promise)
})

test('a permit freed elsewhere ends the refusal', async () => {
  const node = new CountedNode(1, 2)
  await node.take(1, 'k', 1, 1000)
  expect(await node.take(2, 'k', 1, 1000)).toBe(false)
  node.counters(1).release('k')
  expect(node.counters(2).take('k', 1, 1000)).toBe(false)
  await node.drain()
  expect(await node.take(2, 'k', 1, 1000)).toBe(true)
})

test('a lease that is not used goes back', async () => {
  const node = new CountedNode(1)
  await node.take(1, 'k', 20)
  node.counters(1).release('k')
  for (let i = 0; i < 5; i++) await node.take(1, `other ${i}`, 1)
  await node.drain()
  expect([node.counters(1).size, node.ledger.size]).toEqual([5, 5])
})

test('releasing what was never taken changes nothing', async () => {
  const node = new CountedNode(1)
  node.counters(1).release('k')
  expect(await node.take(1, 'k', 1)).toBe(true)
  node.counters(1).release('k')
  node.counters(1).release('k')
  expect(await node.take(1, 'k', 1)).toBe(true)
  expect(await node.take(1, 'k', 1)).toBe(false)
})

test('without the supervisor every take is refused, those that wait too', async () => {
  const node = new CountedNode(1)
  await node.take(1, 'leased', 20)
  const waiting = node.counters(1).take('k', 20)
  node.counters(1).disconnect()
  expect(await waiting).toBe(false)
  expect(node.counters(1).take('leased', 20)).toBe(false)
  node.counters(1).release('leased')
  await node.drain()
  expect(node.counters(1).size).toBe(0)
})

test('two processes that hammer one key admit exactly the limit', async () => {
  const children = new Map<number, ChildProcess>()
  const ledger = new Ledger((worker, message) => children.get(worker)?.send(message), Date)
  const limit = 1999
  const admitted = new Map<number, number>()
  try {
    await Promise.all(
      [1, 2].map(async (number) => {
        const file = fileURLToPath(new URL('./hammering.child.ts', import.meta.url))
        const child = fork(file, [String(limit)], { execArgv: [] })
        children.set(number, child)
        ledger.join(number)
        child.on('message', (message: ToSupervisor | { readonly admitted: number }) => {
          if ('admitted' in message) admitted.set(number, message.admitted)
          else ledger.receive(number, message)
        })
        await once(child, 'exit')
      }),
    )
  } finally {
    for (const child of children.values()) child.kill('SIGKILL')
  }
  expect(admitted.size).toBe(2)
  expect((admitted.get(1) ?? 0) + (admitted.get(2) ?? 0)).toBe(limit)
}, 30_000)
