import { expect, test } from 'vitest'
import { jsonLine } from './json-line.ts'

const route = { id: 'r', name: 'a "b"', tags: null }
const summary = (more: Record<string, unknown>) => ({
  serialize: () => ({ session: { sent: 1 }, ...more, ending: 'client.closed' }),
})

test.each([
  ['everything', { route, service: { id: 's', name: null } }],
  ['the same route', { route, service: { id: 't', name: 'é\u2028' } }],
  ['no service', { route }],
  ['no route', {}],
])('a line with %s says what the record says', (_what, more) => {
  const line = jsonLine(summary(more))
  expect(JSON.parse(line)).toEqual(summary(more).serialize())
  expect(line).not.toContain('\n')
})

test('a row that was replaced is another one', () => {
  const before = jsonLine(summary({ route: { id: 'r', name: 'before' } }))
  expect(before).toContain('before')
  expect(jsonLine(summary({ route: { id: 'r', name: 'after' } }))).toContain('after')
})
