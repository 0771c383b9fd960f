import { expect, test } from 'vitest'
import { blame } from './plugin-failure.ts'

test.each([
  [new Error('boom'), 'boom'],
  ['a text', 'a text'],
  [undefined, 'undefined'],
  [Object.create(null), 'it threw something that cannot be printed'],
])('whatever was thrown, the failure says who and where', (thrown, reason) => {
  expect(blame('mine', 'tls', thrown)).toMatchObject({
    message: `plugin mine, tls: ${reason}`,
    plugin: 'mine',
    phase: 'tls',
    kind: 'failed',
    cause: thrown,
  })
})
