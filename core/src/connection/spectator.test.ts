import { Transform } from 'node:stream'
import { expect, test } from 'vitest'
import { Spectator } from './spectator.ts'

test('it sees copies, and tells why it would have ended the connection', async () => {
  const seen: string[] = []
  const transform = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      seen.push(String(chunk))
      done(seen.length > 1 ? new Error('too much') : null, chunk.fill('x'))
    },
  })
  const reasons: string[] = []
  const spectator = new Spectator(transform, (reason) => reasons.push(reason))
  const bytes = Buffer.from('abc')
  spectator.see(bytes)
  spectator.see(bytes)
  await new Promise((resolve) => transform.once('close', resolve))
  expect({ seen, reasons, bytes: String(bytes) }).toEqual({
    seen: ['abc', 'abc'],
    reasons: ['too much'],
    bytes: 'abc',
  })
  spectator.see(bytes)
  expect(seen).toHaveLength(2)
})

test('what is slower than the connection holds no more than a bounded number of bytes', () => {
  const transform = new Transform({ transform: () => undefined })
  const reasons: string[] = []
  const spectator = new Spectator(transform, (reason) => reasons.push(reason))
  for (let sent = 0; sent < 20; sent++) spectator.see(Buffer.alloc(100_000))
  expect(transform.destroyed).toBe(true)
  expect(reasons).toEqual([])
})
