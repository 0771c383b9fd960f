import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { tick } from './counted-node.ts'
import { keys, Trial } from './counted-trial.ts'

type Step = (trial: Trial) => void | Promise<void>

const anyWorker = fc.nat(2)
const anyKey = fc.constantFrom(...keys)
const steps: fc.Arbitrary<readonly [string, Step]> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(anyWorker, anyKey, fc.integer({ min: 1, max: 6 }))
      .map(([w, key, times]): [string, Step] => [
        `take ${times} ${key} on ${w}`,
        (trial) => {
          for (let i = 0; i < times; i++) trial.take(trial.number(w), key)
        },
      ]),
  },
  {
    weight: 6,
    arbitrary: fc.tuple(anyWorker, anyKey).map(([w, key]): [string, Step] => [
      `release ${key} on ${w}`,
      (trial) => {
        trial.release(trial.number(w), key)
      },
    ]),
  },
  {
    weight: 10,
    arbitrary: fc.nat(5).map((w): [string, Step] => [
      `to the ledger from ${w}`,
      (trial) => {
        const all = [...trial.node.workers.keys()]
        return trial.node.toLedger(all[w % all.length] ?? 0)
      },
    ]),
  },
  {
    weight: 10,
    arbitrary: anyWorker.map((w): [string, Step] => [
      `to worker ${w}`,
      (trial) => trial.node.toWorker(trial.number(w)),
    ]),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(anyWorker, fc.boolean())
      .map(([w, keeps]): [string, Step] => [
        `kill ${w}`,
        (trial) => trial.kill(trial.number(w), keeps),
      ]),
  },
  {
    weight: 2,
    arbitrary: fc.integer({ min: 1, max: 1500 }).map((ms): [string, Step] => [
      `wait ${ms}`,
      (trial) => {
        trial.node.time += ms
      },
    ]),
  },
  {
    weight: 2,
    arbitrary: anyWorker.map((w): [string, Step] => ['settle', (trial) => trial.settle(w)]),
  },
)

const anyLimit = fc.oneof(fc.integer({ min: 0, max: 12 }), fc.constantFrom(20, 50, 90))
const anyLimits = fc.array(anyLimit, { minLength: 4, maxLength: 4 })
const changeLimit: fc.Arbitrary<readonly [string, Step]> = fc
  .tuple(fc.nat(3), anyLimit)
  .map(([i, limit]): [string, Step] => [
    `limit of ${keys[i]} is ${limit}`,
    (trial) => {
      trial.limits[i] = limit
    },
  ])

async function run(limits: readonly number[], each: readonly (readonly [string, Step])[]) {
  const trial = new Trial(limits)
  for (const [, step] of each) {
    await step(trial)
    await tick()
  }
  await trial.settle(0)
}

function anySteps(arbitrary: fc.Arbitrary<readonly [string, Step]>) {
  return fc.array(arbitrary, { minLength: 10, maxLength: 150, size: 'max' })
}

test('never more than the limit, never a refusal while a permit is free, whatever the order of events', async () => {
  const property = fc.asyncProperty(anyLimits, anySteps(steps), run)
  await expect(
    fc.assert(property, { numRuns: Number(process.env['FC_RUNS'] ?? 200) }),
  ).resolves.toBeUndefined()
}, 60_000)

test('the same while limits change', async () => {
  const changing = fc.oneof({ weight: 9, arbitrary: steps }, { weight: 1, arbitrary: changeLimit })
  const property = fc.asyncProperty(anyLimits, anySteps(changing), run)
  await expect(
    fc.assert(property, { numRuns: Number(process.env['FC_RUNS'] ?? 200) }),
  ).resolves.toBeUndefined()
}, 60_000)
