import { expect, test } from 'vitest'
import { world } from '../../entities/plan.fixture.ts'
import { readChecks } from './checks.ts'
import { answerLimit } from './expectation.ts'
import { httpRequest, readStatus } from './http-exchange.ts'

function requestWith(active: object): readonly string[] {
  const { set, create } = world()
  const healthchecks = { active: { ...active, healthy: { interval: 1 } } }
  const { id } = create('upstreams', { name: 'pool.test', healthchecks })
  const row = set.get('upstreams', String(id))
  const plan = row && readChecks(row)?.active.probe
  if (!plan) throw new Error('nothing is checked')
  return httpRequest(plan, 'a.test').toString().split('\r\n')
}

test('a request names its host and asks for the connection to end', () => {
  const lines = requestWith({ http_path: '/health' })
  expect(lines[0]).toBe('GET /health HTTP/1.1')
  expect(lines).toContain('Host: a.test')
  expect(lines).toContain('Connection: close')
  expect(lines.slice(-2)).toEqual(['', ''])
})

test('headers of the operator come in place of the usual ones, and stay one line each', () => {
  const lines = requestWith({ headers: { host: ['b.test'], 'X-A': ['1', 'x\r\nEvil: 2'] } })
  expect(lines.filter((line) => /^host:/i.test(line))).toEqual(['host: b.test'])
  expect(lines).toContain('X-A: 1')
  expect(lines).toContain('X-A: x Evil: 2')
})

test.each([
  [['HTTP/1.1 200 OK\r\n'], [200]],
  [
    ['HT', 'TP/1.0 50', '3\n'],
    [undefined, undefined, 503],
  ],
  [['HTTP/2 204\r\n'], [204]],
  [['SSH-2.0-OpenSSH'], [0]],
  [['HTTP/1.1 20 OK\n'], [0]],
  [['\n'], [0]],
  [[`HTTP/1.1 ${'x'.repeat(answerLimit)}`], [0]],
])('%j is the status %j', (chunks, statuses) => {
  const reader = readStatus()
  expect(chunks.map((chunk) => reader.hear(Buffer.from(chunk)))).toEqual(statuses)
})
