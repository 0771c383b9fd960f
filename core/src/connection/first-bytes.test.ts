import { expect, test } from 'vitest'
import type { Patience, Peeked } from '../transport/transport.ts'
import { TransportError } from '../transport/transport.ts'
import { FirstBytes } from './first-bytes.ts'

function side() {
  const asked: { atLeast: number; patience: Patience; answer: PromiseWithResolvers<Peeked> }[] = []
  return {
    asked,
    peek: (atLeast: number, patience: Patience) => {
      const answer = Promise.withResolvers<Peeked>()
      patience.signal?.addEventListener('abort', () =>
        answer.reject(new TransportError('cancelled', 'cancelled')),
      )
      asked.push({ atLeast, patience, answer })
      return answer.promise
    },
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

test('a look belongs to preread, asks for a number of bytes within the buffer, and has the deadline', async () => {
  const client = side()
  const bytes = new FirstBytes(client, 16, 500)
  await expect(bytes.peek(1)).rejects.toThrow('belongs to the phase preread')
  bytes.open()
  for (const wrong of [0, 17, 1.5, Number.NaN])
    await expect(bytes.peek(wrong)).rejects.toThrow(RangeError)
  const looking = bytes.peek(16)
  expect(client.asked).toMatchObject([{ atLeast: 16, patience: { deadline: 500 } }])
  client.asked[0]?.answer.resolve({ bytes: Uint8Array.of(7), ended: true })
  expect(await looking).toEqual(Uint8Array.of(7))
})

test('two looks at once take turns, though the first one fails', async () => {
  const client = side()
  const bytes = new FirstBytes(client, 16, 500)
  bytes.open()
  const first = bytes.peek(1)
  const second = bytes.peek(2)
  await turn()
  expect(client.asked).toHaveLength(1)
  client.asked[0]?.answer.reject(new TransportError('reset', 'reset'))
  await expect(first).rejects.toThrow('reset')
  await turn()
  client.asked[1]?.answer.resolve({ bytes: Uint8Array.of(1, 2), ended: false })
  expect(await second).toEqual(Uint8Array.of(1, 2))
})

test('when preread is over, looks that nobody has waited for are given up, the waiting one unasked', async () => {
  const client = side()
  const bytes = new FirstBytes(client, 16, 500)
  bytes.open()
  const looks = Promise.allSettled([bytes.peek(1), bytes.peek(2)])
  await turn()
  bytes.close()
  expect((await looks).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(client.asked).toHaveLength(1)
})

test('a second routing opens it again', async () => {
  const client = side()
  const bytes = new FirstBytes(client, 16, 500)
  bytes.open()
  bytes.close()
  bytes.deadline = 900
  bytes.open()
  const looking = bytes.peek(1)
  expect(client.asked[0]?.patience.signal?.aborted).toBe(false)
  client.asked[0]?.answer.resolve({ bytes: Uint8Array.of(7), ended: false })
  expect(await looking).toEqual(Uint8Array.of(7))
})
