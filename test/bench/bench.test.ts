import { expect, test } from 'vitest'

import { idleWithin } from './descriptors.ts'
import { columnsOf, median, mediansTable, spreadTable, type Figure } from './figures.ts'
import { goalsTable } from './goals.ts'
import { parseIperf, parseLatency, parseTimed, parseWrk } from './load-reports.ts'
import { parseOptions } from './options.ts'
import { reportOf } from './report.ts'
import { Results } from './results.ts'
import {
  cpuMicroseconds,
  establishedTo,
  family,
  parseResident,
  parseStat,
  residentKib,
} from './proc.ts'

test('reads the options, and names what it does not know', () => {
  expect(parseOptions([])).toMatchObject({ rounds: 5, seconds: 3, partial: false })
  expect(parseOptions(['--profile', 'x'])).toMatchObject({ profile: 'x', partial: true })
  expect(parseOptions(['--only', 'nginx,bulk,bare', '--rounds', '2'])).toMatchObject({
    rounds: 2,
    proxies: ['nginx'],
    figures: ['bulk'],
    variants: ['bare'],
    partial: true,
  })
  expect(() => parseOptions(['--only', 'envoy'])).toThrow('envoy')
  expect(() => parseOptions(['--rounds', '0'])).toThrow('--rounds: 0')
})

test('reads the times of a process whose name tries to confuse it', () => {
  const text = '42 (a) S 1 (b) R 7 42 42 0 -1 4194560 1 2 3 4 100 20 3 4 20 0 1 0 99'
  expect(parseStat(text)).toEqual({ pid: 42, parent: 7, ticks: 127 })
})

test('a family is a process and its descendants, not its neighbours', () => {
  const stat = (pid: number, parent: number) => ({ pid, parent, ticks: 1 })
  const all = [stat(1, 0), stat(2, 1), stat(3, 2), stat(4, 1)]
  expect(family(2, all).map(({ pid }) => pid)).toEqual([2, 3])
})

test('this process uses time and memory', () => {
  expect(cpuMicroseconds(process.pid)).toBeGreaterThan(0)
  expect(residentKib(process.pid)).toBeGreaterThan(1000)
  expect(parseResident('Name:\tx\nVmRSS:\t   1234 kB\n')).toBe(1234)
})

test('counts established connections to one port', () => {
  const table = `  sl  local_address rem_address   st tx_queue
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000
   1: 0100007F:C350 0100007F:1F90 01 00000000:00000000
   2: 0100007F:C351 0100007F:1F90 06 00000000:00000000
   3: 0100007F:1F90 0100007F:C350 01 00000000:00000000`
  expect(establishedTo(8080, table)).toBe(1)
})

test('reads what wrk counted, how long it took, and what failed', () => {
  const text = `Running 3s test
  43210 requests in 3.10s, 6.50MB read
  Socket errors: connect 1, read 2, write 0, timeout 3
  Non-2xx or 3xx responses: 4`
  const bytes = 6.5 * 2 ** 20
  expect(parseWrk(text)).toEqual({ requests: 43210, seconds: 3.1, bytes, faults: 10 })
  const minutes = { requests: 7, seconds: 90, bytes: 1024, faults: 0 }
  expect(parseWrk('  7 requests in 1.50m, 1.00KB read')).toEqual(minutes)
  expect(() => parseWrk('unable to connect')).toThrow('unable to connect')
})

test('reads how many bytes arrived through iperf3, and its errors', () => {
  const report = '{"end":{"sum_received":{"bytes":5000,"seconds":2.5}}}'
  expect(parseIperf(report)).toEqual({ bytes: 5000, seconds: 2.5 })
  expect(() => parseIperf('{"error":"the server is busy"}')).toThrow('the server is busy')
  expect(() => parseIperf('{"end":{}}')).toThrow('did not say')
})

test('reads how many connections openssl timed', () => {
  const text = '****\n\n82 connections in 0.12s; 683.33 connections/user sec, bytes read 11808\n'
  expect(parseTimed(`${text}82 connections in 2 real seconds, 144 bytes read`)).toBe(82)
  expect(() => parseTimed('Connection refused')).toThrow('Connection refused')
})

test('reads latencies, and does not believe them when requests failed', () => {
  expect(parseLatency('{"p50":80,"p99":300,"failed":0}')).toEqual({ p50: 80, p99: 300 })
  expect(() => parseLatency('{"p50":80,"p99":300,"failed":2}')).toThrow('2 requests failed')
  expect(() => parseLatency('{"failed":0}')).toThrow('no latencies')
})

test('as many idle connections as the descriptors allow', () => {
  expect(idleWithin(1_000_000)).toBe(10_000)
  expect(idleWithin(20_000)).toBe(9800)
  expect(idleWithin(100)).toBe(0)
})

test('medians, ratios and spreads; a dash where nothing was measured', () => {
  expect(median([3, 1, 2])).toBe(2)
  expect(median([4, 1, 2, 3])).toBe(2.5)
  const figure: Figure = { section: 'cost', title: 'CPU', unit: 'µs', digits: 1 }
  const rows = [
    {
      figure,
      samples: new Map([
        ['a', [30, 10, 20]],
        ['b', [10]],
      ]),
    },
  ]
  const titles = new Map([
    ['a', 'A'],
    ['b', 'B'],
    ['c', 'C'],
  ])
  expect(
    mediansTable(rows, titles, ['b', 'c'])
      .split('\n')
      .at(-1)
      ?.split('|')
      .map((text) => text.trim()),
  ).toEqual(['', 'CPU, µs', '20.0', '10.0', '–', '2.00×', '–', ''])
  expect(spreadTable(rows, titles)).toContain('10.0 to 30.0')
})

test('goals are held against the better of the others', () => {
  const title = 'CPU per small request'
  const figure: Figure = { section: 'cost', title, unit: 'µs', digits: 1 }
  const samples = new Map([
    ['native', [12]],
    ['nginx', [10]],
    ['haproxy', [15]],
  ])
  const lines = goalsTable([{ figure, samples }]).split('\n')
  expect(lines.find((line) => line.includes('small request'))).toMatch(/1\.20 +\| missed by 20 %/)
  expect(lines.find((line) => line.includes('gigabyte'))).toContain('not measured')
})

test('goals without a measurement of ours or of any other are not met', () => {
  const figure: Figure = {
    section: 'cost',
    title: 'CPU per gigabyte over TLS',
    unit: 's',
    digits: 2,
  }
  const alone = goalsTable([{ figure, samples: new Map([['native', [1]]]) }])
  const others = goalsTable([{ figure, samples: new Map([['nginx', [1]]]) }])
  for (const text of [alone, others]) {
    const line = text.split('\n').find((one) => one.includes('bulk over TLS'))
    expect(line).toContain('not measured')
  }
})

test('a report has a dash and the reason where something failed, and only columns with something in them', () => {
  const results = new Results()
  const figure: Figure = { section: 'cost', title: 'CPU', unit: 'µs', digits: 1 }
  results.plan(figure)
  results.add(figure, 'nginx', 5)
  results.fail('work', 'native', new Error('it broke'))
  results.fail('work', 'native', new Error('it broke\nagain'))
  const titles = new Map([
    ['native', 'ours'],
    ['nginx', 'theirs'],
    ['direct', 'none'],
  ])
  const text = reportOf(results, titles)
  expect(text).toContain('- ours, work (tried 2 times in vain): it broke again')
  expect([...columnsOf(results.rows(), titles).keys()]).toEqual(['nginx'])
  expect(text).toMatch(/\| median +\| theirs \|/)
})
