import { expect, test } from 'vitest'
import { PeerState } from './peer-state.ts'
import type { Limits, Report, Source } from './peer-state.ts'

const limits: Limits = { success: 2, tcp_failure: 3, timeout: 2, http_failure: 1 }

function follow(reports: readonly Report[], source: Source = 'active', own = limits) {
  const state = new PeerState()
  return reports.map((report) => state.report(source, report, own)?.healthy ?? state.healthy)
}

test('so many failures of a kind turn it, and so many successes turn it back', () => {
  expect(follow(['tcp_failure', 'tcp_failure', 'tcp_failure', 'success', 'success'])).toEqual([
    true,
    true,
    false,
    false,
    true,
  ])
  expect(follow(['timeout', 'timeout'])).toEqual([true, false])
  expect(follow(['http_failure'])).toEqual([false])
})

test('kinds of failures are counted by themselves', () => {
  expect(follow(['tcp_failure', 'timeout', 'tcp_failure'])).toEqual([true, true, true])
  expect(follow(['tcp_failure', 'timeout', 'tcp_failure', 'timeout'])).toEqual([
    true,
    true,
    true,
    false,
  ])
})

test('one success sets the failures back, and one failure the successes', () => {
  const often: Report[] = ['tcp_failure', 'tcp_failure', 'success', 'tcp_failure', 'tcp_failure']
  expect(follow(often).at(-1)).toBe(true)
  const state = new PeerState()
  state.report('active', 'http_failure', limits)
  for (const report of ['success', 'tcp_failure', 'success'] as const) {
    expect(state.report('active', report, limits)).toBeUndefined()
  }
  expect(state.report('active', 'success', limits)).toEqual({
    healthy: true,
    source: 'active',
    report: 'success',
    count: 2,
  })
})

test('a limit of 0 is never reached, and its successes set failures back all the same', () => {
  const off = { success: 0, tcp_failure: 2, timeout: 0, http_failure: 0 }
  expect(follow(['timeout', 'timeout', 'timeout'], 'active', off).at(-1)).toBe(true)
  expect(follow(['tcp_failure', 'success', 'tcp_failure'], 'active', off).at(-1)).toBe(true)
  expect(follow(['tcp_failure', 'tcp_failure', 'success', 'success'], 'active', off).at(-1)).toBe(
    false,
  )
})

test('connections that succeed do not take back what probes have found', () => {
  const state = new PeerState()
  state.report('active', 'timeout', limits)
  state.report('passive', 'success', limits, 10)
  expect(state.report('active', 'timeout', limits)).toMatchObject({ healthy: false, count: 2 })
  state.report('passive', 'success', limits)
  expect(state.healthy).toBe(false)
  state.report('passive', 'success', limits)
  expect(state.healthy).toBe(true)
})

test('several at once count as many, beyond the limit too', () => {
  const state = new PeerState()
  expect(state.report('passive', 'tcp_failure', limits, 7)).toEqual({
    healthy: false,
    source: 'passive',
    report: 'tcp_failure',
    count: 7,
  })
})

test('what is forgotten counts no more', () => {
  const state = new PeerState()
  state.report('active', 'tcp_failure', limits, 2)
  state.reset()
  expect(state.report('active', 'tcp_failure', limits)).toBeUndefined()
  state.report('active', 'tcp_failure', limits, 2)
  expect(state.healthy).toBe(false)
  state.reset()
  expect(state.healthy).toBe(true)
})
