import { expect, test } from 'vitest'
import { noBytes, wordBytes } from './word-bytes.ts'

test('bytes are told by the side that they were seen on', () => {
  const bytes = { clientReceived: 1, clientSent: 2, upstreamReceived: 3, upstreamSent: 4 }
  expect(wordBytes(bytes)).toEqual({
    client: { received: 1, sent: 2 },
    upstream: { received: 3, sent: 4 },
  })
  const nothing = { clientReceived: 0, clientSent: 0, upstreamReceived: 0, upstreamSent: 0 }
  expect(noBytes).toEqual(wordBytes(nothing))
})
