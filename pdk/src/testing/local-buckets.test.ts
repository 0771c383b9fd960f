import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { definePlugin } from '../plugin.ts'
import type { Phases } from '../plugin.ts'
import { drawnOf, LocalAllowance, localBuckets, LocalRate } from './local-buckets.ts'
import { mount } from './mount.ts'

const drawing = (proxy: Phases<object, undefined>['proxy'] & {}) =>
  mount(
    definePlugin({
      name: 'draws',
      version: '1.0.0',
      priority: 1,
      schema: { type: 'object', properties: {} },
      phases: { proxy },
    }),
    {},
  )

test('what a plugin draws from is told, and a rate lets everything pass: time stands still', async () => {
  const plugin = await drawing((conn, { buckets }) =>
    conn.draw('download', buckets.rate('k', 10, 20)),
  )
  const { rates, download } = await plugin.connect({ reply: 'a long answer' })
  expect(rates).toEqual({ upload: [], download: [new LocalRate('k', 10, 20)] })
  expect(download).toBe('a long answer')
})

test('only what was granted passes, and whoever has something to send asks for more', async () => {
  const asked: number[] = []
  const plugin = await drawing((conn, { buckets }) => {
    const allowance = buckets.allowance(2, () => {
      asked.push(allowance.left)
      allowance.grant(4)
    })
    conn.draw('upload', allowance)
    conn.draw('download', allowance)
  })
  const { upload, download, outcome } = await plugin.connect({ bytes: 'abcdef', reply: '0123456' })
  expect([upload, download, outcome]).toEqual(['abcdef', '0123456', 'proxied'])
  // Beside its first answers it was also asked when others had been granted what it was asked for.
  expect(asked.filter((left) => left < 2).length).toBeGreaterThan(1)
})

test('an end through an allowance ends who draws from it, as the plugin’s own', async () => {
  const plugin = await drawing((conn, { buckets }) => {
    const allowance = buckets.allowance(0, () => allowance.end('no more'))
    allowance.grant(3)
    conn.draw('upload', allowance)
  })
  const ended = await plugin.connect({ bytes: 'abcdef' })
  expect(ended).toMatchObject({
    outcome: 'ended',
    ending: 'plugin.draws.ended',
    reason: 'no more',
    upload: 'abc',
    error: undefined,
  })
  expect(ended.summary.status).toBe(200)
})

test('every bucket of a direction holds; a closed one holds nothing back', async () => {
  const made: LocalAllowance[] = []
  const plugin = await drawing((conn) => {
    const both = [new LocalAllowance(0, () => undefined), new LocalAllowance(0, () => undefined)]
    made.push(...both)
    for (const allowance of both) conn.draw('upload', allowance)
  })
  const connecting = plugin.connect({ bytes: 'abc' })
  await turn()
  made[1]?.grant(5)
  await turn()
  expect(made.map(({ left }) => left)).toEqual([0, 2])
  made[0]?.close()
  expect((await connecting).upload).toBe('abc')
})

test('a bucket of the kit is asked for, and a rate is more than nothing', () => {
  expect(() => drawnOf({ left: 1 })).toThrow(TypeError)
  expect(() => localBuckets.rate('k', 0)).toThrow(RangeError)
})
