import { expect, test } from 'vitest'
import { MalformedBytes } from './byte-reader.ts'
import { helloMessage, records } from './hello.fixture.ts'
import { assembleHello } from './hello-records.ts'

const message = helloMessage()

test('puts the body together, whatever the records', () => {
  for (const cuts of [[], [1], [3, 4, 5], [...message.keys()]]) {
    const assembled = assembleHello(Uint8Array.from(records(message, cuts)))
    expect(assembled).toEqual({ body: message.subarray(4) })
  }
})

test('says how many bytes the message needs at least', () => {
  const wire = records(message)
  expect(assembleHello(wire.subarray(0, 9))).toEqual({ atLeast: wire.length })
  expect(assembleHello(records(message, [10]).subarray(0, 15))).toEqual({
    atLeast: wire.length + 5,
  })
  expect(() => assembleHello(Uint8Array.of(0x17))).toThrow(MalformedBytes)
})
