import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { StreamAllowance } from '../../transport/portable/allowance.ts'
import type { WantBytes } from './messages.ts'
import { SharedRates } from './shared-rates.ts'

const transport = {
  allowance: (low: number, hear: () => void) => new StreamAllowance(low, hear),
}
const nobody = { resume: () => undefined }
const drawer = () => ({ place: -1, isShadow: false, end: () => undefined })

function rates() {
  const sent: WantBytes[] = []
  const node = { time: 0 }
  const later: (() => void)[] = []
  const made = new SharedRates({
    clock: { now: () => node.time },
    send: (message) => void sent.push(message),
    later: (_milliseconds, run) => void later.push(run),
  })
  const rate = (key: string, bytesPerSecond: number, burst?: number) =>
    made.rate(transport, key, bytesPerSecond, burst)
  return { made, rate, sent, node, later }
}

/** Somebody has something to send. */
async function ask(pot: ReturnType<SharedRates['rate']>): Promise<number> {
  if (!(pot.allowance instanceof StreamAllowance)) throw new Error('of another transport')
  const offered = pot.allowance.offer(nobody)
  await turn()
  return offered
}

test('connections of a key have one rate, and bytes for it are wanted once, for a tenth of a second', async () => {
  const { made, rate, sent } = rates()
  const pot = rate('k', 1000)
  expect(rate('k', 1000)).toBe(pot)
  expect(rate('k', 2000)).not.toBe(pot)
  expect(rate('other', 1000)).not.toBe(pot)
  pot.join(drawer())
  pot.join(drawer())
  await ask(pot)
  await ask(pot)
  const [{ key } = { key: '' }] = sent[0]?.wants ?? []
  expect(sent).toEqual([
    {
      type: 'rates.want',
      wants: [{ key, bytesPerSecond: 1000, burst: 0, bytes: 100, weight: 2 }],
    },
  ])
  made.receive({ type: 'rates.grant', grants: [{ key, bytes: 60 }] })
  expect(pot.left).toBe(60)
})

test('what is wanted in one turn is one message', async () => {
  const { rate, sent } = rates()
  await Promise.all([ask(rate('a', 1000)), ask(rate('b', 1000, 5000))])
  expect(sent.map(({ wants }) => wants.map(({ burst }) => burst))).toEqual([[0, 5000]])
})

test('a rate is forgotten when nobody has drawn from it for a second', () => {
  const { made, rate, node } = rates()
  const used = rate('used', 1000)
  used.join(drawer())
  for (let key = 0; key < 50; key++) {
    rate(String(key), 1000)
    node.time += 600
  }
  expect(made.size).toBeLessThan(10)
  expect(rate('used', 1000)).toBe(used)
})

test('bytes for a rate that is forgotten are nobody’s', () => {
  const { made } = rates()
  made.receive({ type: 'rates.grant', grants: [{ key: 'gone', bytes: 5 }] })
  expect(made.size).toBe(0)
})

test('without a supervisor the worker has its rates to itself', async () => {
  const { made, rate, node, later } = rates()
  const pot = rate('k', 10_000)
  await ask(pot)
  made.disconnect()
  await turn()
  expect(pot.left).toBe(1000)
  pot.grant(-1000)
  await ask(pot)
  node.time += 100
  for (const run of later.splice(0)) run()
  expect(pot.left).toBe(1000)
})

test.each([
  [0, 0],
  [-1, 0],
  [Number.NaN, 0],
  [Infinity, 0],
  [1, -1],
])('%d bytes per second with a burst of %d are no rate', (bytesPerSecond, burst) => {
  expect(() => rates().rate('k', bytesPerSecond, burst)).toThrow(RangeError)
})
