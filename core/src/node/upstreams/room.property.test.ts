import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { hostOf } from '../../connection/connection.fixture.ts'
import { RoomTrial, settled, type Client, type FakeWorker } from './room-trial.fixture.ts'

type Step = (trial: RoomTrial) => void

const anyWorker = fc.nat(2)
const workerAt = (trial: RoomTrial, at: number): [number, FakeWorker] => {
  const entry = [...trial.workers][at % trial.workers.size]
  if (!entry) throw new Error('there is always a worker')
  return entry
}
const stepOn = (
  weight: number,
  act: (trial: RoomTrial, number: number, worker: FakeWorker) => void,
) => ({
  weight,
  arbitrary: anyWorker.map(
    (at): Step =>
      (trial) =>
        act(trial, ...workerAt(trial, at)),
  ),
})

const steps: fc.Arbitrary<Step> = fc.oneof(
  stepOn(10, (trial, _number, worker) => {
    if (!worker.isDead) void trial.arrive(worker)
  }),
  stepOn(6, (trial, _number, { clients, isDead }) => {
    const client = clients.find(({ state }) => state === 'served')
    if (client && !isDead) trial.leave(client)
  }),
  stepOn(2, (_trial, _number, { clients, isDead }) => {
    if (!isDead) clients.findLast(({ state }) => state === 'waiting')?.reset()
  }),
  stepOn(20, (trial, number) => trial.hear(number)),
  stepOn(20, (trial, _number, worker) => trial.deliver(worker)),
  stepOn(1, (_trial, _number, worker) => {
    worker.isDead = true
  }),
)

const anyLimits = fc.record({
  upstream: fc.integer({ min: 1, max: 5 }),
  targets: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 }),
  queue: fc.integer({ min: 1, max: 6 }),
})

test('never too many, and nobody waits while there is room, whatever the order of events', async () => {
  const host = await hostOf()
  const anySteps = fc.array(steps, { minLength: 10, maxLength: 200, size: 'max' })
  const property = fc.asyncProperty(anyLimits, anySteps, async (limits, each) => {
    const trial = new RoomTrial(limits, host)
    for (const step of each) {
      step(trial)
      await settled()
      expect(trial.problems()).toEqual([])
    }
    await trial.settle()
    expect(trial.problemsAtRest()).toEqual([])
    // What ends afterwards is for those who wait, down to the last.
    for (let client = trial.clients.find(isServed); client; client = trial.clients.find(isServed)) {
      trial.leave(client)
      await trial.settle()
      expect(trial.problemsAtRest()).toEqual([])
    }
    expect(trial.clients.every(({ state }) => state === 'gone')).toBe(true)
  })
  await expect(
    fc.assert(property, { numRuns: Number(process.env['FC_RUNS'] ?? 100) }),
  ).resolves.toBeUndefined()
}, 60_000)

const isServed = ({ state }: Client): boolean => state === 'served'
