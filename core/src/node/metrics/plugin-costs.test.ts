import { expect, test } from 'vitest'
import type { Stats } from '../../plugins/conduct.ts'
import { PluginCosts } from './plugin-costs.ts'

const quiet: Stats = {
  phases: {},
  rejected: 0,
  wouldReject: 0,
  failed: 0,
  stalls: 0,
  longestStall: 0,
}
const [one, two] = [{ worker: 1 }, { worker: 2 }]

function report(news: Partial<Stats>, more: { isDisabled?: boolean; plugin?: string } = {}) {
  return [{ id: 'i', plugin: 'p', isDisabled: false, news: { ...quiet, ...news }, ...more }]
}

test('the workers come to a sum, the longest stall is the longest, and the dead count', () => {
  const costs = new PluginCosts()
  const log = { calls: 2, time: 3, buckets: [0, 1, 1, 0, 0, 0, 0, 0] }
  costs.receive(one, report({ phases: { log }, rejected: 1, stalls: 1, longestStall: 300 }))
  costs.leave(one)
  costs.receive(two, report({ phases: { log }, wouldReject: 2, failed: 3, longestStall: 200 }))
  expect(costs.of('i', 'p')).toEqual({
    plugin: 'p',
    phases: { log: { calls: 4, time: 6, buckets: [0, 2, 2, 0, 0, 0, 0, 0] } },
    rejected: 1,
    wouldReject: 2,
    failed: 3,
    stalls: 1,
    longestStall: 300,
    isDisabled: false,
  })
  expect(costs.all()).toEqual([{ id: 'i', ...costs.of('i', 'p') }])
})

test('one that has not run has zeros', () => {
  expect(new PluginCosts().of('i', 'p')).toEqual({ plugin: 'p', ...quiet, isDisabled: false })
})

test('it is disabled where some worker that lives has disabled it', () => {
  const costs = new PluginCosts()
  const isDisabled = () => costs.of('i', 'p').isDisabled
  costs.receive(one, report({}, { isDisabled: true }))
  costs.receive(two, report({}))
  expect(isDisabled()).toBe(true)
  costs.leave(one)
  expect(isDisabled()).toBe(false)
  costs.receive(two, report({}, { isDisabled: true }))
  costs.receive(two, report({}))
  expect(isDisabled()).toBe(false)
})

test('what is forgotten begins anew, and so does another plugin under the id', () => {
  const costs = new PluginCosts()
  costs.receive(one, report({ rejected: 1 }, { isDisabled: true }))
  costs.forget('i')
  expect(costs.of('i', 'p')).toMatchObject({ rejected: 0, isDisabled: false })
  expect(costs.all()).toEqual([])
  costs.receive(one, report({ rejected: 1 }))
  costs.receive(one, report({ rejected: 5 }, { plugin: 'q' }))
  expect(costs.of('i', 'q')).toMatchObject({ plugin: 'q', rejected: 5 })
})
