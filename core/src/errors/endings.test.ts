import { expect, test } from 'vitest'
import { endings, pluginEnding, statusOf } from './endings.ts'

test("an ending says side, phase and cause; its status is one of Kong's", () => {
  for (const [ending, [status, meaning]] of Object.entries(endings)) {
    expect(ending).toMatch(/^(client|upstream|gateway|admin)(\.[a-z_]+){1,2}$/)
    expect([200, 400, 403, 500, 502, 503]).toContain(status)
    expect(meaning).toMatch(/\.$/)
  }
})

test.each([
  ['client.closed', 200],
  ['gateway.route.none', 500],
  ['upstream.connect.refused', 502],
  [pluginEnding('guard', 'rejected'), 403],
  [pluginEnding('guard', 'failed'), 500],
] as const)('%s has the status %i', (ending, status) => {
  expect(statusOf(ending)).toBe(status)
})
