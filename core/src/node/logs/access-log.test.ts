import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { start, summary } from './access.fixture.ts'
import { type AccessEntry, AccessLog } from './access-log.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: start })
})
afterEach(() => {
  vi.useRealTimers()
})

function refusal(overrides: Partial<AccessEntry> = {}): AccessEntry {
  return summary({ ending: 'plugin.x.rejected', status: 403, target: undefined, ...overrides })
}

function logged(): { log: AccessLog; lines: string[]; parsed: () => Record<string, unknown>[] } {
  const lines: string[] = []
  const log = new AccessLog({ write: (line) => void lines.push(line) })
  return { log, lines, parsed: () => lines.splice(0).map((line) => JSON.parse(line)) }
}

test('sessions that were served are never put together', () => {
  const { log, lines } = logged()
  for (let count = 0; count < 5; count += 1) log.record(summary())
  expect(lines).toHaveLength(5)
})

test('equal refusals: the first at once, the others as one line when the second is over', () => {
  const { log, parsed } = logged()
  for (let port = 1; port <= 5; port += 1) {
    log.record(refusal({ client: { address: '192.0.2.1', port }, reason: `no ${port}` }))
  }
  expect(parsed()).toEqual([expect.objectContaining({ client_port: 1, reason: 'no 1' })])
  vi.advanceTimersByTime(999)
  expect(parsed()).toEqual([])
  vi.advanceTimersByTime(1)
  const [line, ...others] = parsed()
  expect(others).toEqual([])
  expect(line).toEqual({
    time: '2026-01-02T03:04:06.006Z',
    started_at: start - 40,
    client_ip: '192.0.2.1',
    server_port: 5555,
    protocol: 'tcp',
    route: { id: 'r1', name: 'ssh' },
    service: { id: 's1' },
    status: 403,
    ending: 'plugin.x.rejected',
    reason: 'no 5',
    received: 40,
    sent: 80,
    revision: 1,
    repeated: 4,
  })
  log.record(refusal())
  expect(parsed()).toHaveLength(1)
  vi.advanceTimersByTime(5000)
  expect(parsed()).toEqual([])
})

test('another ending, address or route is another line', () => {
  const { log, parsed } = logged()
  log.record(refusal())
  log.record(refusal({ ending: 'plugin.y.rejected' }))
  log.record(refusal({ client: { address: '192.0.2.2', port: 1 } }))
  log.record(refusal({ route: undefined }))
  expect(parsed()).toHaveLength(4)
  log.flush()
  expect(parsed()).toEqual([])
})

test('flush does not wait for the second', () => {
  const { log, parsed } = logged()
  log.record(refusal())
  log.record(refusal())
  log.flush()
  expect(parsed().map(({ repeated }) => repeated)).toEqual([undefined, 1])
  expect(vi.getTimerCount()).toBe(0)
})

test('a blocked timer or a clock that is set back does not stretch the second', () => {
  const { log, parsed } = logged()
  const put = (at: number) => {
    vi.setSystemTime(at)
    log.record(refusal())
  }
  for (const at of [start, start + 1, start + 1500, start - 9000, start - 9000]) put(at)
  log.flush()
  expect(parsed().map(({ repeated }) => repeated)).toEqual([undefined, 1, undefined, undefined, 1])
})

test('a flood from many addresses is counted in one line, in bounded memory', () => {
  const { log, parsed } = logged()
  for (let port = 0; port < 10_050; port += 1) {
    log.record(refusal({ client: { address: `10.0.${port >> 8}.${port & 255}`, port } }))
  }
  log.record(refusal({ client: { address: '10.0.0.0', port: 1 } }))
  expect(parsed()).toHaveLength(10_000)
  vi.advanceTimersByTime(1000)
  expect(parsed()).toEqual([
    expect.objectContaining({ client_ip: '10.0.0.0', repeated: 1 }),
    { time: '2026-01-02T03:04:06.006Z', overflow: true, repeated: 50 },
  ])
})

test('the timer keeps no process alive', () => {
  vi.useRealTimers()
  const timers = vi.spyOn(globalThis, 'setTimeout')
  const { log } = logged()
  log.record(refusal())
  expect(timers.mock.results.map(({ value }) => value.hasRef())).toEqual([false])
  log.flush()
  timers.mockRestore()
})
