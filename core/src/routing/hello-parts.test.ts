import { expect, test } from 'vitest'
import { alpn, helloMessage, serverName, u16, vector16, vector8 } from './hello.fixture.ts'
import { partsOf } from './hello-parts.ts'

const u16s = (...values: number[]): number[] => values.flatMap(u16)

test('the lists of a hello, in the client’s order', () => {
  const message = helloMessage({
    ciphers: [0x1302, 0x1301],
    extensions: [
      serverName('a.example'),
      alpn('h2', 'http/1.1'),
      [10, vector16(u16s(29, 23))],
      [11, vector8([0])],
      [13, vector16(u16s(0x0403))],
      [43, vector8(u16s(0x0304, 0x0303))],
    ],
  })
  expect(partsOf(message.subarray(4))).toEqual({
    version: 0x0303,
    versions: [0x0304, 0x0303],
    ciphers: [0x1302, 0x1301],
    extensions: [0, 16, 10, 11, 13, 43],
    signatures: [0x0403],
    groups: [29, 23],
    pointFormats: [0],
    alpn: ['h2', 'http/1.1'],
  })
})

test('what was not sent is not there', () => {
  const parts = partsOf(helloMessage({ extensions: [] }).subarray(4))
  expect(parts).toMatchObject({ extensions: [], signatures: [], alpn: [] })
  expect(parts.versions).toBeUndefined()
})
