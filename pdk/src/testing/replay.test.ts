import { Transform } from 'node:stream'
import { expect, test } from 'vitest'
import { definePlugin } from '../plugin.ts'
import { reject } from '../verdicts.ts'
import { replay } from './replay.ts'

const head = {
  name: 'p',
  version: '1.0.0',
  priority: 1,
  schema: { type: 'object', properties: {} },
} as const

const patient = definePlugin({
  ...head,
  phases: {
    preread: async (conn) =>
      Buffer.from(await conn.peek(4))
        .toString()
        .startsWith('SSH-')
        ? undefined
        : reject('no'),
  },
})

test.each([
  ['SSH-2.0-x', 'proxied'],
  ['GET / HTTP/1.1', 'rejected'],
  ['', 'rejected'],
])('%j: an outcome that all splits have in common', async (bytes, outcome) => {
  expect(await replay(patient, {}, { bytes })).toMatchObject({ outcome })
})

test('a plugin that judges what came first is found out, with the split', async () => {
  const hasty = definePlugin({
    ...head,
    phases: {
      preread: async (conn) =>
        Buffer.from(await conn.peek(1))
          .toString()
          .startsWith('SSH-')
          ? undefined
          : reject('no'),
    },
  })
  await expect(replay(hasty, {}, { bytes: 'SSH-2.0-x' })).rejects.toThrow(
    'outcome: "proxied" as a whole, "rejected" split after byte 1 of 9',
  )
})

test('so is one that changes the bytes chunk by chunk', async () => {
  const marking = definePlugin({
    ...head,
    phases: {
      proxy: (conn) =>
        conn.through(
          'upload',
          new Transform({ transform: (chunk, _encoding, done) => done(null, `>${String(chunk)}`) }),
        ),
    },
  })
  await expect(replay(marking, {}, { bytes: 'ab' })).rejects.toThrow(
    'upload: ">ab" as a whole, ">a>b" split after byte 1 of 2',
  )
})

test('every replay has an instance of its own', async () => {
  let [set, torn] = [0, 0]
  const counted = definePlugin({
    ...head,
    setup: () => void set++,
    phases: {},
    teardown: () => void torn++,
  })
  await replay(counted, {}, { bytes: 'abcd' })
  expect([set, torn]).toEqual([5, 5])
})

test('a long dial is split at points that are spread evenly', async () => {
  const dialled = await replay(patient, {}, { bytes: `SSH-${'x'.repeat(5000)}` })
  expect(dialled.upload).toHaveLength(5004)
})
