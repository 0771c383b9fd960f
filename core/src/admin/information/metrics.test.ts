import { expect, test } from 'vitest'
import { createStatus } from '../create-status.ts'
import { testNode } from '../node.fixture.ts'
import { prefersOpenMetrics } from './metrics.ts'

const [open, plain] = ['application/openmetrics-text', 'text/plain']

test.each([
  ['', false],
  ['*/*', false],
  [plain, false],
  [open, true],
  [
    `${open};version=1.0.0;q=0.5,${open};version=0.0.1;q=0.4,${plain};version=0.0.4;q=0.3,*/*;q=0.2`,
    true,
  ],
  [`${open};q=0.2, ${plain};q=0.9`, false],
  [`${open};q=0, */*`, false],
  [`${open};q=x`, false],
  [`${open.toUpperCase()} ; Q=1`, true],
])('who accepts %j is answered with OpenMetrics: %s', (accept, expected) => {
  expect(prefersOpenMetrics(accept)).toBe(expected)
})

test('both APIs show what is counted', async () => {
  const { app, deps } = testNode()
  for (const api of [app, createStatus(deps)]) {
    const shown = await api.inject({ url: '/metrics' })
    expect(shown.statusCode).toBe(200)
    expect(shown.body).toBe('# HELP counted h\n# TYPE counted gauge\ncounted 1\n')
    expect(shown.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
    const opened = await api.inject({ url: '/metrics', headers: { accept: open } })
    expect(opened.headers['content-type']).toBe(`${open}; version=1.0.0; charset=utf-8`)
    expect((await api.inject({ url: '/metrics', method: 'HEAD' })).body).toBe('')
    expect((await api.inject({ url: '/metrics', method: 'POST' })).statusCode).toBe(405)
  }
})
