import { expect, test } from 'vitest'
import type { Patience, Peeked } from '../../transport/transport.ts'
import { TransportError } from '../../transport/transport.ts'
import { FirstBytes } from './first-bytes.ts'

function side() {
  const asked: { atLeast: number; patience: Patience; answer: PromiseWithResolvers<Peeked> }[] = []
  const skipped: number[] = []
  const saying: { text: string; answer: PromiseWithResolvers<void> }[] = []
  return {
    asked,
    skipped,
    saying,
    skip: (count: number) => void skipped.push(count),
    say: (bytes: Uint8Array) => {
      const answer = Promise.withResolvers<void>()
      saying.push({ text: String(Buffer.from(bytes)), answer })
      return answer.promise
    },
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

test('what is taken is skipped, and no more than was asked for; looks and takes go by turns', async () => {
  const client = side()
  const bytes = new FirstBytes(client, 16, 500)
  bytes.open()
  const [looking, taking] = [bytes.peek(1), bytes.take(2)]
  client.asked[0]?.answer.resolve({ bytes: Buffer.from('abc'), ended: false })
  expect(String(Buffer.from(await looking))).toBe('abc')
  await turn()
  client.asked[1]?.answer.resolve({ bytes: Buffer.from('abc'), ended: false })
  expect(String(Buffer.from(await taking))).toBe('ab')
  const last = bytes.take(3)
  await turn()
  client.asked[2]?.answer.resolve({ bytes: Buffer.from('c'), ended: true })
  expect(String(Buffer.from(await last))).toBe('c')
  expect([client.skipped, bytes.taken]).toEqual([[2, 1], 3])
  await expect(bytes.take(0)).rejects.toThrow('take(n) takes 1 to 16 bytes, not 0')
})

test('what is said leaves in order, and until then nobody goes on', async () => {
  const client = side()
  const bytes = new FirstBytes(client, 16, 500)
  await expect(bytes.say(Buffer.from('a'))).rejects.toThrow('belongs to the phase preread')
  bytes.open()
  const said = Promise.all([bytes.say(Buffer.from('one')), bytes.say(Buffer.from('two'))])
  await turn()
  expect(client.saying.map(({ text }) => text)).toEqual(['one'])
  expect(bytes.saying).toBeDefined()
  client.saying[0]?.answer.resolve()
  await turn()
  client.saying[1]?.answer.resolve()
  await said
  await turn()
  expect([bytes.saying, bytes.said]).toEqual([undefined, 6])
})

test('a client that does not listen ends the connection', async () => {
  const client = side()
  const bytes = new FirstBytes(client, 16, 500)
  bytes.open()
  const saying = bytes.say(Buffer.from('one'))
  client.saying[0]?.answer.reject(new TransportError('timeout', 'too late'))
  await expect(saying).rejects.toThrow('too late')
  expect(bytes.failure?.failure).toBe('timeout')
})

test('a plugin in shadow mode that waits in vain sees nothing, and the connection goes on; a reset ends it', async () => {
  const client = side()
  const bytes = new FirstBytes(client, 16, 500)
  bytes.open()
  const shadow = bytes.rehearsedBy('mine')
  expect(bytes.rehearsedBy('mine')).toBe(shadow)
  const looking = shadow.peek(1)
  client.asked[0]?.answer.reject(new TransportError('timeout', 'too late'))
  expect(await looking).toEqual(new Uint8Array())
  expect(bytes.failure).toBeUndefined()
  const again = shadow.take(1)
  await turn()
  client.asked[1]?.answer.reject(new TransportError('reset', 'reset'))
  await expect(again).rejects.toThrow('reset')
  expect(bytes.failure?.failure).toBe('reset')
})

test('there is an end to what is said and taken before the bytes flow', async () => {
  const client = side()
  const bytes = new FirstBytes(client, 65_536, 500)
  bytes.open()
  const whole = Buffer.alloc(65_536)
  const saying = bytes.say(whole)
  client.saying[0]?.answer.resolve()
  await saying
  await expect(bytes.say(Buffer.alloc(1))).rejects.toThrow('65536 bytes to a connection at most')
  const taking = bytes.take(65_536)
  client.asked[0]?.answer.resolve({ bytes: whole, ended: false })
  await taking
  const more = bytes.take(1)
  await turn()
  client.asked[1]?.answer.resolve({ bytes: Buffer.alloc(1), ended: false })
  await expect(more).rejects.toThrow('65536 bytes of a connection at most')
})
